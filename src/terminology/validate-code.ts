/** $validate-code on ValueSet and CodeSystem: http://hl7.org/fhir/R4/valueset-operation-validate-code.html */
import { type Issue, issue, warning } from '../base/issue.ts'
import type { Absent, Composition } from './composition.ts'
import type { ConceptSource } from './concept-source.ts'
import { contains, findIn, type Verdict } from './contains.ts'
import { createFacts, type Facts } from './facts.ts'
import { systemsOf } from './membership.ts'
import type { CodedValue } from './model.ts'
import type { System } from './system.ts'
import { displayOf, textsOf } from './texts.ts'
import { looseText } from './words.ts'

/** `path` is where each value stands: `code`, `coding`, `codeableConcept.coding[0]`. */
export type ValidateCode = {
  readonly values: readonly (CodedValue & { readonly path: string })[]
  /** Bare codes take the system that the value set has them from. */
  readonly inferSystem: boolean
  /** Whether a code that is not to be chosen by users is valid. */
  readonly abstract: boolean
  readonly displayLanguage?: string
}

/** Of several values one that is right is enough; the details are those of that one. */
export type Validated = {
  readonly result: boolean
  readonly code?: string
  readonly system?: string
  readonly version?: string
  readonly display?: string
  readonly issues: readonly Issue[]
}

/** Against a value set. */
export const validateInValueSet = async (
  source: ConceptSource | undefined,
  composition: Composition | Absent,
  request: ValidateCode,
): Promise<Validated> =>
  best(source, request, (value, facts) => {
    const systems =
      value.system !== undefined ? [value.system] : request.inferSystem ? systemsOf(composition) : []
    if (systems.length === 0 && composition.kind === 'composition' && !request.inferSystem)
      return {
        result: 'no',
        reason: `The code "${value.code}" has no system; send system, or inferSystem=true.`,
      }
    let last: Verdict = { result: 'no' }
    for (const system of systems) {
      const one = contains(composition, system, value.code, facts)
      if (one.result === 'yes') return one
      if (last.result === 'no' || one.result === 'ask') last = one
    }
    if (last.result !== 'no') return last
    const of = value.system === undefined ? '' : ` of ${value.system}`
    const detail = last.reason === undefined ? '' : ` ${last.reason}`
    return {
      result: 'no',
      reason: `The value set ${composition.url} has no code "${value.code}"${of}.${detail}`,
    }
  })

/** Against a code system. */
export const validateInSystem = async (
  source: ConceptSource | undefined,
  system: System,
  request: ValidateCode,
): Promise<Validated> =>
  best(source, request, (value, facts) => {
    if (value.system !== undefined && value.system !== system.url)
      return { result: 'no', reason: `The code is of ${value.system}, not of ${system.url}.` }
    const found = findIn(system, value.code, facts)
    return found.result === 'yes' ? { ...found, system } : found
  })

type Judge = (value: CodedValue, facts: Facts) => Verdict

const best = async (
  source: ConceptSource | undefined,
  request: ValidateCode,
  judge: Judge,
): Promise<Validated> => {
  const facts = createFacts()
  const attempt = (): Verdict[] => request.values.map((value) => judge(value, facts))
  let verdicts = attempt()
  while (source && (await facts.fetch(source))) verdicts = attempt()
  const all = request.values.map((value, index) => describe(value, verdicts[index]!, request))
  const right = all.find(({ result }) => result)
  return right ?? { ...(all[0] as Validated), issues: all.flatMap(({ issues }) => issues) }
}

const describe = (
  value: ValidateCode['values'][number],
  verdict: Verdict,
  { abstract, displayLanguage }: ValidateCode,
): Validated => {
  const said = {
    code: value.code,
    ...(value.system === undefined ? {} : { system: value.system }),
  }
  if (verdict.result !== 'yes') {
    if (verdict.result === 'ask') throw new Error('a code was judged before its concept was fetched')
    const code = verdict.result === 'unknown' ? 'not-found' : 'code-invalid'
    return { result: false, ...said, issues: [issue(code, verdict.reason ?? '', at(value.path, 'code'))] }
  }
  const { concept, system } = verdict
  const display = displayOf(verdict, displayLanguage)
  const found = {
    code: concept?.code ?? value.code,
    system: system.url,
    ...(system.kind !== 'missing' && system.version !== undefined ? { version: system.version } : {}),
    ...(display === undefined ? {} : { display }),
  }
  const issues: Issue[] = []
  const { version } = found
  if (value.version !== undefined && version !== undefined && !isVersion(version, value.version))
    issues.push(
      issue(
        'not-found',
        `The code is said to be of version ${value.version} of ${system.url}; this server judges by ${version}.`,
        at(value.path, 'version'),
      ),
    )
  if (concept?.abstract && !abstract)
    issues.push(
      issue(
        'business-rule',
        `The code "${value.code}" is abstract and not to be chosen; send abstract=true to allow it.`,
        at(value.path, 'code'),
      ),
    )
  const texts = textsOf(verdict)
  if (value.display !== undefined && texts.length > 0) {
    const meant = looseText(value.display)
    if (!texts.some((text) => looseText(text) === meant))
      issues.push(
        issue(
          'invalid',
          `The display "${value.display}" is not right for "${value.code}"; it is "${display}".`,
          at(value.path, 'display'),
        ),
      )
  }
  const wrong = issues.length > 0
  if (concept?.inactive)
    issues.push(warning('business-rule', `The code "${value.code}" is inactive.`, at(value.path, 'code')))
  return { result: !wrong, ...found, issues }
}

const isVersion = (has: string, wanted: string): boolean =>
  has === wanted || has.startsWith(`${wanted}.`) || has.startsWith(`${wanted}/`)

const at = (path: string, member: string): string => (path === 'code' ? member : `${path}.${member}`)
