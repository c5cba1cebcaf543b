/** `npm test`: one Postgres for all files, tap over them, and as the last line what came out. */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { startTestCluster, variable } from './cluster.ts'

const root = new URL('../..', import.meta.url).pathname
const pattern = '{test,conformance}/**/*.test.ts'

/** Files, folders and tap's own options may be given; without a file or folder it is everything. */
const split = (args: string[]): { options: string[]; files: string[] } => {
  const options = args.filter((a) => a.startsWith('-'))
  const given = args.filter((a) => !a.startsWith('-'))
  const inFolder = (path: string): string[] =>
    statSync(path).isDirectory() ? globSync(`${path.replace(/\/$/, '')}/**/*.test.ts`) : [path]
  const files = given.length > 0 ? given.flatMap(inFolder) : globSync(pattern, { cwd: root })
  return { options, files: files.map((f) => relative(root, join(root, f))).sort() }
}

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** Reads tap's summary, `# { total: 3, pass: 2, fail: 1 }`; a run without one has failed. */
const countsIn = (output: string): Counts => {
  const summary = [...output.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1]
  if (!summary) return { passed: 0, failed: 1, skipped: 0 }
  const number = (name: string): number => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { passed: number('pass'), failed: number('fail'), skipped: number('skip') + number('todo') }
}

const tap = createRequire(import.meta.url).resolve('tap/package.json')

/** Runs tap under the Node that runs us; `output` gets all of the TAP, the terminal only what failed. */
const runTap = (args: string[], connection: unknown): { ended: Promise<number>; stop(): void } => {
  const child = spawn(process.execPath, [join(dirname(tap), 'dist/esm/run.mjs'), 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, [variable]: JSON.stringify(connection) },
  })
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? 1)))
  return { ended, stop: () => child.kill('SIGTERM') }
}

const main = async (): Promise<number> => {
  const { options, files } = split(process.argv.slice(2))
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-test-run-'))
  const output = join(folder, 'output.tap')
  const cluster = await startTestCluster()
  try {
    const reporter = `--reporter=${process.stdout.isTTY ? 'base' : 'min'}`
    const running = runTap([reporter, `--output-file=${output}`, ...options, ...files], cluster.connection)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, running.stop)
    const code = await running.ended
    const { passed, failed, skipped } = countsIn(readFileSync(output, 'utf8'))
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
    return code !== 0 ? code : failed > 0 ? 1 : 0
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
