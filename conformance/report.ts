/** The result of a run as data: report.json, and as a resource http://hl7.org/fhir/R4/testreport.html */
import type { Json } from './json.ts'
import type { Row } from './matrix.ts'
import type { CaseResult } from './perform.ts'

export type Run = {
  readonly base: string
  /** Instants of its begin and end. */
  readonly begun: string
  readonly ended: string
  /** `software.name` and `.version` of the CapabilityStatement. */
  readonly software: string
  readonly results: readonly CaseResult[]
  readonly matrix: readonly Row[]
}

const resultOf = ({ suite, id, passed, faults, milliseconds, ...rest }: CaseResult): Json => ({
  suite,
  id,
  passed,
  milliseconds,
  ...(rest.case
    ? {
        sentence: rest.case.sentence,
        link: rest.case.link,
        level: rest.case.level,
        proves: rest.case.proves ?? [],
      }
    : {}),
  ...(passed ? {} : { faults }),
})

export const countsOf = (results: readonly CaseResult[]) => {
  const passed = results.filter((result) => result.passed).length
  return { passed, failed: results.length - passed }
}

/** What report.json holds. */
export const reportJson = ({ results, matrix, ...run }: Run): Json => ({
  ...run,
  ...countsOf(results),
  matrix: matrix.map((row) => ({ ...row })),
  results: results.map(resultOf),
})

const testOf = (result: CaseResult): Json => ({
  name: `${result.suite}/${result.id}`,
  ...(result.case ? { description: result.case.sentence } : {}),
  action: [
    {
      assert: {
        result: result.passed ? 'pass' : 'fail',
        ...(result.passed ? {} : { message: result.faults.join('\n') }),
        ...(result.case ? { detail: result.case.link } : {}),
      },
    },
  ],
})

/** A TestReport of the whole run. */
export const testReport = ({ base, ended, software, results }: Run): Json => {
  const { passed, failed } = countsOf(results)
  return {
    resourceType: 'TestReport',
    name: 'Lamplight conformance cases',
    status: 'completed',
    testScript: { display: 'The cases in conformance/cases' },
    result: failed === 0 ? 'pass' : 'fail',
    score: results.length === 0 ? 0 : Math.round((passed / results.length) * 10_000) / 100,
    tester: 'conformance/run.ts',
    issued: ended,
    participant: [{ type: 'server', uri: base, ...(software === '' ? {} : { display: software }) }],
    ...(results.length === 0 ? {} : { test: results.map(testOf) }),
  }
}
