/** The counts of a run are tap's, and a file that breaks before tap can count has failed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { runFile } from './run-file.ts'

const run = async (t: Test, text: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-run-file-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'a.test.ts')
  writeFileSync(file, text.replace("'tap'", JSON.stringify(import.meta.resolve('tap'))))
  return await runFile(file, fileURLToPath(new URL('../..', import.meta.url)), {}).result
}

t.test('passed, failed and skipped', async (t) => {
  const text = `import t from 'tap'\nt.pass()\nt.fail('sad')\nt.skip('later')\nt.test('in', async (t) => { t.pass() })\n`
  const result = await run(t, text)
  t.match(result, { passed: 2, failed: 1, skipped: 1, report: /sad/ })
})

t.test('all well', async (t) => {
  t.match(await run(t, `import t from 'tap'\nt.pass()\n`), { passed: 1, failed: 0, skipped: 0, report: '' })
})

t.test('a file that cannot be read or ends too early', async (t) => {
  t.match(await run(t, 'import nothing from "./nowhere.ts"\n'), { passed: 0, failed: 1, report: /nowhere/ })
  t.match(await run(t, `import t from 'tap'\nt.pass()\nprocess.exit(3)\n`), { failed: 1 })
  t.match(await run(t, `import t from 'tap'\nt.pass()\nprocess.kill(process.pid, 'SIGKILL')\n`), {
    failed: 1,
    report: /ended by SIGKILL/,
  })
  t.match(await run(t, `console.log('no tap here')\n`), { failed: 1 }, 'a file without tests')
})
