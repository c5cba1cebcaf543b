/** The text of FHIRPATH.md: how many tests of the suite pass, and which do not and why. */
import type { Definitions } from '../../src/fhir/definitions/model.ts'
import { byCompiler, byEngine, type Outcome, runTest, type SuiteTest } from './fhirpath-suite.ts'

type Row = { readonly test: SuiteTest; readonly outcome: Outcome }

export const fhirpathPage = (suite: readonly SuiteTest[], definitions: Definitions): string => {
  const rows = (evaluate: ReturnType<typeof byCompiler>): readonly Row[] =>
    suite.map((test) => ({ test, outcome: runTest(test, evaluate) }))
  const [engine, compiler] = [rows(byEngine), rows(byCompiler(definitions))]
  return `# FHIRPath: the R4 suite of HL7

Written by \`npm run conformance:fhirpath\` over the ${suite.length} tests of
[tests-fhir-r4.xml](https://github.com/FHIR/fhir-test-cases/blob/master/r4/fhirpath/tests-fhir-r4.xml). The suite is ahead of the
normative FHIRPath N1 that R4 uses: it also holds functions of the later ballots, and a strict mode in which an unknown
element is an error (marked *semantic*). No such mode is offered: an unknown name selects nothing.

| | passed | failed | left to the engine |
|---|---|---|---|
| engine, by the door of FHIRPath Patch | ${cells(engine)} |
| compiler, for invariants | ${cells(compiler)} |

What the compiler leaves is run by the engine. A constraint of R4 never needs it.

## What fails in the engine

${list(engine)}

## What fails in the compiler

${list(compiler)}

## What the compiler leaves to the engine

${reasons(compiler)}
`
}

const cells = (rows: readonly Row[]): string =>
  (['passed', 'failed', 'refused'] as const)
    .map((result) => rows.filter(({ outcome }) => outcome.result === result).length)
    .join(' | ')

const list = (rows: readonly Row[]): string =>
  rows
    .filter(({ outcome }) => outcome.result === 'failed')
    .map(({ test, outcome }) => `- ${test.name}: ${code(test.expression)}: ${escaped(outcome.reason)}`)
    .join('\n')

const code = (expression: string): string =>
  `\`${expression.replace(/\s+/g, ' ').replaceAll('`', '´').slice(0, 120)}\``

const escaped = (text: string): string => text.replace(/\s+/g, ' ').replace(/[<>|*_]/g, '\\$&')

const reasons = (rows: readonly Row[]): string => {
  const counts = new Map<string, number>()
  for (const { outcome } of rows)
    if (outcome.result === 'refused') counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `- ${escaped(reason)}: ${count}`)
    .join('\n')
}
