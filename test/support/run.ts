/** `npm test`: one Postgres for all files, tap over them, and as the last line what came out. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
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
const runTap = (args: string[], env: NodeJS.ProcessEnv): { ended: Promise<number>; stop(): void } => {
  const child = spawn(process.execPath, [join(dirname(tap), 'dist/esm/run.mjs'), 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? 1)))
  return { ended, stop: () => child.kill('SIGTERM') }
}

/** The temporary folder of everything that the tests start; open to the user that runs Postgres. */
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-run-'))
  chmodSync(folder, 0o1777)
  return folder
}

/** Ends what a test that was cut short has left. */
const clear = (folder: string): void => {
  for (const file of globSync(join(folder, '**/postmaster.pid'))) {
    try {
      process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGQUIT')
    } catch {
      // It was gone already.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
}

const main = async (): Promise<number> => {
  const { options, files } = split(process.argv.slice(2))
  // Ctrl-C is for tap; what was started here is cleaned up afterwards.
  let stop: (() => void) | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop?.())
  const folder = makeFolder()
  const output = join(folder, 'output.tap')
  const cluster = await startTestCluster(folder)
  try {
    const reporter = `--reporter=${process.stdout.isTTY ? 'base' : 'min'}`
    const env = { [variable]: JSON.stringify(cluster.connection), TMPDIR: folder }
    const running = runTap([reporter, `--output-file=${output}`, ...options, ...files], env)
    stop = running.stop
    const code = await running.ended
    const counts = countsIn(existsSync(output) ? readFileSync(output, 'utf8') : '')
    const failed = code === 0 ? counts.failed : Math.max(1, counts.failed)
    console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`)
    return failed > 0 ? 1 : 0
  } finally {
    await cluster.stop()
    clear(folder)
  }
}

process.exitCode = await main()
