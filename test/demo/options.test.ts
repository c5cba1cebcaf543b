import t from 'tap'
import { help, parseOptions } from '../../src/demo/options.ts'

t.test('defaults', async (t) => {
  t.match(parseOptions([]), {
    options: {
      patients: 100,
      first: 0,
      seed: 1,
      now: '2026-11-02',
      base: 'http://127.0.0.1:8080/fhir',
      concurrency: 4,
    },
  })
})

t.test('every option is read and described', async (t) => {
  const args =
    '--patients 7 --first 3 --seed 9 --now 2025-02-28 --base http://h:1/fhir/ --concurrency 2 --out x'.split(
      ' ',
    )
  t.same(parseOptions(args), {
    options: {
      patients: 7,
      first: 3,
      seed: 9,
      now: '2025-02-28',
      base: 'http://h:1/fhir',
      concurrency: 2,
      out: 'x',
    },
  })
  for (const option of args.filter((a) => a.startsWith('--'))) t.match(help, option)
  t.same(parseOptions(['--help']), { help: true })
})

t.test('what is wrong is said, all at once', async (t) => {
  t.match(parseOptions(['--patient', '7']), { errors: [/--patient/] })
  t.match(parseOptions(['7']), { errors: [/7/] })
  t.match(parseOptions(['--seed=1.5', '--now=2026-02-30', '--base=ftp://x', '--concurrency=0']), {
    errors: [/--seed/, /--concurrency/, /--now/, /--base/],
  })
})
