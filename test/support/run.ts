/** `npm test`: one Postgres for all files, two files at a time, and as the last line what came out. */
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestCluster, variable } from './cluster.ts'
import { type Counts, type FileResult, type Running, runFile } from './run-file.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pattern = '{test,conformance}/**/*.test.ts'
const jobs = Math.max(1, Math.min(8, availableParallelism()))

/** The files of the arguments (`npm test -- test/search`), or all. */
const chooseFiles = (given: readonly string[]): string[] => {
  const inPath = (path: string): string[] =>
    statSync(join(root, path)).isDirectory() ? globSync(join(path, '**/*.test.ts'), { cwd: root }) : [path]
  const files = given.length > 0 ? given.flatMap(inPath) : globSync(pattern, { cwd: root })
  return [...new Set(files)].sort()
}

/** The temporary folder of everything that the tests start; open to the user that runs Postgres. */
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-run-'))
  chmodSync(folder, 0o1777)
  return folder
}

/** Ends each Postgres that a test which was cut short has left, and removes the folder. */
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

const show = ({ file, passed, failed, skipped, seconds, report }: FileResult): void => {
  const skips = skipped > 0 ? `, ${skipped} skipped` : ''
  const sign = failed > 0 ? '✗' : '✓'
  console.log(`${sign} ${file}  ${passed} passed, ${failed} failed${skips}  ${seconds.toFixed(1)} s`)
  if (report !== '') console.log(`${report}\n`)
}

type Stopping = { asked: boolean; readonly running: Set<Running> }

/** Runs the files, `jobs` at a time, each shown when it ends. */
const runAll = async (files: readonly string[], env: NodeJS.ProcessEnv, stopping: Stopping) => {
  const results: FileResult[] = []
  const queue = files.values()
  const work = async (): Promise<void> => {
    for (const file of queue) {
      if (stopping.asked) return
      const running = runFile(file, root, env)
      stopping.running.add(running)
      const result = await running.result
      stopping.running.delete(running)
      show(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return results
}

const sum = (results: readonly FileResult[]): Counts => ({
  passed: results.reduce((n, r) => n + r.passed, 0),
  failed: results.reduce((n, r) => n + r.failed, 0),
  skipped: results.reduce((n, r) => n + r.skipped, 0),
})

const main = async (): Promise<boolean> => {
  const files = chooseFiles(process.argv.slice(2))
  const stopping: Stopping = { asked: false, running: new Set() }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      stopping.asked = true
      for (const { stop } of stopping.running) stop()
    })
  const folder = makeFolder()
  try {
    const cluster = await startTestCluster(folder)
    const env = { [variable]: JSON.stringify(cluster.connection), TMPDIR: folder }
    const results = await runAll(files, env, stopping).finally(cluster.stop)
    const { passed, failed, skipped } = sum(results)
    const bad = failed + (stopping.asked || results.length === 0 ? 1 : 0)
    for (const r of results) if (r.failed > 0) console.log(`failed: ${r.file}`)
    console.log(`${passed} passed, ${bad} failed, ${skipped} skipped`)
    return bad === 0
  } finally {
    clear(folder)
  }
}

process.exitCode = (await main()) ? 0 : 1
