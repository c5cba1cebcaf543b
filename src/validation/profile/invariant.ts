/** Constraints of elements as checks: http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint */
import type { ElementDefinitionConstraint } from 'fhir/r4.js'
import type { Issue } from '../../base/issue.ts'
import { expressionOf } from './place.ts'
import type { Check, Run } from './run.ts'

const compileInvariants =
  (_c: unknown, _t: string) =>
  (_n: unknown, _x: unknown): readonly Issue[] => []

/** Judged without FHIRPath: by the structure check, by the checks of references, extensions, contained resources and narratives. */
const native = new Set([
  'ele-1',
  'ext-1',
  'dom-2',
  'dom-3',
  'dom-4',
  'dom-5',
  'dom-6',
  'ref-1',
  'txt-1',
  'txt-2',
])

const bestPracticeUrl = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

/** Undefined when nothing is left to judge. `typeName`: of the element that carries the constraints. */
export const invariantCheck = (
  constraints: readonly ElementDefinitionConstraint[],
  typeName: string,
): Check | undefined => {
  const judged = constraints.filter(({ key, expression }) => expression !== undefined && !native.has(key))
  if (judged.length === 0) return undefined
  const bestPractice = new Set(judged.filter(isBestPractice).map(({ key }) => key))
  const run = compileInvariants(
    judged.map(({ key, severity, human, expression }) => ({
      key,
      severity,
      human,
      expression: expression ?? '',
    })),
    typeName,
  )
  return (value, sibling, place, at) => {
    const found = judge(run, value, sibling, place, at)
    for (const issue of found) report(issue, bestPractice, at)
  }
}

const judge = (
  run: ReturnType<typeof compileInvariants>,
  value: unknown,
  sibling: unknown,
  place: Parameters<Check>[2],
  at: Run,
): readonly Issue[] => {
  void sibling
  const context = {
    resource: at.scope.resource,
    rootResource: at.scope.root,
    expression: () => expressionOf(place),
  }
  if (at.sound) return run(value as never, context as never)
  try {
    return run(value as never, context as never)
  } catch {
    // The structure check has already refused this resource; its shape may be beyond what expressions expect.
    return []
  }
}

const report = (issue: Issue, bestPractice: ReadonlySet<string>, run: Run): void => {
  if (issue.rule === undefined || !bestPractice.has(issue.rule)) run.add(issue)
  else if (run.options.bestPractice !== 'ignore') run.add({ ...issue, severity: run.options.bestPractice })
}

const isBestPractice = (constraint: ElementDefinitionConstraint): boolean =>
  constraint.extension?.some(({ url, valueBoolean }) => url === bestPracticeUrl && valueBoolean === true) ??
  false
