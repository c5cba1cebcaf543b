import { spawnSync } from 'node:child_process'
import t from 'tap'

/** In a process of its own with a small heap: what kept the records would run out of it. */
t.test('2,000 patients need no more memory than the first few', async (t) => {
  const generate = new URL('../../src/demo/generate.ts', import.meta.url).href
  const script = `
    const { createGenerator } = await import(${JSON.stringify(generate)})
    const generator = createGenerator(1)
    let bytes = 0
    const upTo = (from, to) => {
      for (let i = from; i < to; i++) bytes += JSON.stringify(generator.patientBundle(i)).length
      gc()
      return process.memoryUsage().heapUsed
    }
    const before = upTo(0, 200)
    const after = upTo(200, 2000)
    console.log(JSON.stringify({ bytes, growth: after - before }))`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '--max-old-space-size=96', '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  )
  t.equal(status, 0, stderr)
  const { bytes, growth } = JSON.parse(stdout) as { bytes: number; growth: number }
  t.ok(bytes > 100e6, `${bytes} bytes were made`)
  t.ok(growth < 4e6, `the heap grew by ${growth} bytes`)
})
