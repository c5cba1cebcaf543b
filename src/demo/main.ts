/** `npm run demo`: fills a running server with a synthetic hospital through its public API. */
import { Problem } from '../base/problem.ts'
import { openFolder } from './folder.ts'
import { createGenerator } from './generate.ts'
import { load } from './load.ts'
import { help, type Options, parseOptions } from './options.ts'
import { createProgress } from './progress.ts'
import { connect } from './send.ts'

const run = async (options: Options): Promise<void> => {
  const { base, out, seed, now, patients } = options
  const sink = out === undefined ? await connect(base, options.token) : await openFolder(out)
  const progress = createProgress(process.stdout, patients, () => performance.now())
  const loaded = await load({
    ...options,
    generator: createGenerator(seed, now),
    sink,
    onProgress: progress.show,
  })
  progress.finish(loaded)
  process.stdout.write(
    out === undefined
      ? `The hospital is open. Look at ${base}/Patient?_count=5 next.\n`
      : `The Bundles are in ${out}: send those of the hospital first.\n`,
  )
}

/** The sentence of every issue, and where in the Bundle it is. */
const explain = (problem: Problem): string =>
  problem.issues
    .map(({ diagnostics, expression }) => `${diagnostics}${expression ? ` (${expression.join(', ')})` : ''}`)
    .join('\n')

const main = async (): Promise<number> => {
  const parsed = parseOptions(process.argv.slice(2))
  if ('help' in parsed) {
    process.stdout.write(help)
    return 0
  }
  if ('errors' in parsed) {
    process.stderr.write(`${parsed.errors.join('\n')}\nSee: npm run demo -- --help\n`)
    return 1
  }
  try {
    await run(parsed.options)
    return 0
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    process.stderr.write(`\n${explain(error)}\n`)
    return 1
  }
}

process.exitCode = await main()
