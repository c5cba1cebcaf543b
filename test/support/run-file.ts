/** Runs one test file as it would run alone, `node file`, and reads what tap reports at its end. */
import { type ChildProcess, spawn } from 'node:child_process'

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** `report` is what a person needs to see of it: nothing of a file that passed. */
export type FileResult = Counts & { readonly file: string; readonly seconds: number; readonly report: string }

/** In seconds; tap names the test that hangs after the first, the second ends a process that does not react. */
const timeout = { tap: 240, process: 540 }

/** Reads tap's summary, `# { total: 3, pass: 2, fail: 1 }`; a file without one has failed. */
export const countsIn = (output: string, code: number | null): Counts => {
  const summary = [...output.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1] ?? ''
  const number = (name: string): number => Number(new RegExp(`\\b${name}: (\\d+)`).exec(summary)?.[1] ?? 0)
  const counts = { passed: number('pass'), failed: number('fail'), skipped: number('skip') + number('todo') }
  const whole = code === 0 && (summary !== '' || /^1\.\.0/m.test(output))
  return whole ? counts : { ...counts, failed: Math.max(1, counts.failed) }
}

/** The output without what went well. */
const failuresIn = (output: string): string =>
  output
    .split('\n')
    .filter((line) => !/^\s*(ok \d+ |1\.\.\d+$|TAP version|# (\{|time=|Subtest: )|$)/.test(line))
    .join('\n')

const killGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid!, signal)
  } catch {
    // It was gone already.
  }
}

export type Running = { readonly result: Promise<FileResult>; stop(): void }

/** `env` is added to ours. The file gets a process group of its own, so that nothing of it stays. */
export const runFile = (file: string, root: string, env: NodeJS.ProcessEnv): Running => {
  const begun = performance.now()
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env: { ...process.env, TAP_TIMEOUT: String(timeout.tap), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), timeout.process * 1000)
  const result = new Promise<FileResult>((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      killGroup(child, 'SIGKILL')
      const counts = countsIn(output, code)
      const ending = signal ? `ended by ${signal}\n` : ''
      const seconds = (performance.now() - begun) / 1000
      done({ ...counts, file, seconds, report: counts.failed > 0 ? failuresIn(output) + ending : '' })
    })
  })
  return { result, stop: () => killGroup(child, 'SIGTERM') }
}
