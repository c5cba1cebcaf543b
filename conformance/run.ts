/** `npm run conformance`: asks a FHIR server, over HTTP only, whether it does what the specification says. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { matrixText, verdictOf, withMatrix } from './matrix.ts'
import { type Options, readOptions, usage } from './options.ts'
import { exchangeText, pageText } from './page.ts'
import type { CaseResult } from './perform.ts'
import { countsOf, type Run, reportJson, testReport } from './report.ts'
import { runCases } from './run-cases.ts'

const showFailure = (result: CaseResult): void => {
  if (result.passed) return
  console.log(`✗ ${result.suite}/${result.id}`)
  if (result.case) console.log(`  ${result.case.sentence} (${result.case.level}, ${result.case.link})`)
  for (const fault of result.faults) console.log(`  - ${fault}`)
  if (result.exchange) console.log(exchangeText(result.exchange).replace(/^/gm, '    '))
}

const showSummary = ({ results, matrix, software, base }: Run, whole: boolean): void => {
  console.log(`${software === '' ? 'A server' : software} at ${base}`)
  for (const suite of new Set(results.map((result) => result.suite))) {
    const own = results.filter((result) => result.suite === suite)
    const { passed, failed } = countsOf(own)
    console.log(`${failed === 0 ? '✓' : '✗'} ${suite.padEnd(28)} ${passed} of ${own.length}`)
  }
  const unproven = matrix.filter((row) => verdictOf(row) !== 'proven').map((row) => row.claim)
  if (whole && unproven.length > 0) console.log(`claimed and not proven here: ${unproven.join(', ')}`)
  const { passed, failed } = countsOf(results)
  console.log(`${passed} passed, ${failed} failed`)
}

const writeReports = (folder: string, run: Run): void => {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('report.json', `${JSON.stringify(reportJson(run), null, 2)}\n`)
  write('test-report.json', `${JSON.stringify(testReport(run), null, 2)}\n`)
  write('index.html', pageText(run))
  console.log(`reports are in ${folder}`)
}

const readme = fileURLToPath(new URL('README.md', import.meta.url))

const main = async ({
  base,
  token,
  registration,
  only,
  report,
  readme: wantsReadme,
}: Options): Promise<boolean> => {
  const run = await runCases(base, only, showFailure, token, registration)
  if (report !== undefined) writeReports(report, run)
  if (wantsReadme) writeFileSync(readme, withMatrix(readFileSync(readme, 'utf8'), matrixText(run.matrix)))
  showSummary(run, only.length === 0)
  return countsOf(run.results).failed === 0
}

const complain = (error: unknown, ...more: string[]): void => {
  console.error([(error as Error).message, ...more].join('\n\n'))
  process.exitCode = 2
}

const options = (): Options | undefined => {
  try {
    return readOptions(process.argv.slice(2), process.env)
  } catch (error) {
    complain(error, usage)
    return undefined
  }
}

const chosen = options()
if (chosen) {
  try {
    process.exitCode = (await main(chosen)) ? 0 : 1
  } catch (error) {
    complain(error)
  }
}
