/** What the operations of terminology share: their house, their subject, and values out of Parameters. */
import type { CodeableConcept, Coding, ValueSet } from 'fhir/r4.js'
import type { Ctx } from '../access/ctx.ts'
import type { Issue } from '../base/issue.ts'
import { issue } from '../base/issue.ts'
import { invalid, Problem, unsupported } from '../base/problem.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import {
  type Composition,
  type Scope,
  type System,
  splitCanonical,
  systemOf,
  type Terminology,
  type VersionRules,
  valueSetOf,
} from '../terminology/index.ts'
import type { House } from './house.ts'
import { presentVersion } from './interactions/read.ts'
import type { OperationCall } from './operation.ts'
import { contextOf } from './value-set-context.ts'

export const terminologyOf = ({ terminology }: House): Terminology => {
  if (!terminology) throw unsupported('This server has no terminology.')
  return terminology
}

/** The stored resource that the operation was called on. */
export const subject = async <T>(house: House, ctx: Ctx, call: OperationCall): Promise<T | undefined> => {
  if (call.id === undefined || call.type === undefined) return undefined
  const { type, id } = call
  const version = presentVersion(await house.store.current(ctx.tenant, { type, id }), type, id)
  return JSON.parse(version.content) as T
}

/** The value set of a call: the instance, the resource that was sent, the one of the url or of the context. */
export const calledValueSet = async (
  house: House,
  ctx: Ctx,
  call: OperationCall,
  scope: Scope,
): Promise<Composition> => {
  const sent = call.resource('valueSet')?.value as ValueSet | undefined
  const [url, context] = [call.one<string>('url'), contextOf(scope.canonicals, call)]
  const canonical = url ?? context
  const given = [call.id, sent, url, context].filter((one) => one !== undefined)
  if (given.length === 0)
    throw invalid(
      'Say which value set is meant: send url, valueSet or context, or call ValueSet/[id].',
      'http.url',
    )
  if (given.length > 1)
    throw invalid('Send one of url, valueSet and context, and none when calling ValueSet/[id].', 'http.url')
  const version = call.one<string>('valueSetVersion')
  const stored = await subject<ValueSet>(house, ctx, call)
  return valueSetOf(
    scope,
    stored ?? sent ?? (version === undefined ? canonical! : `${splitCanonical(canonical!).url}|${version}`),
  )
}

/** A system that is here. Throws 404 with what to do when it is not. */
export const foundSystem = (scope: Scope, url: string, version: string | undefined): System => {
  const system = systemOf(scope, url, version)
  if (system.kind === 'missing') throw new Problem(404, [issue('not-found', system.reason)])
  return system
}

const valueSetSupplement = 'http://hl7.org/fhir/StructureDefinition/valueset-supplement'

/**
 * What is known of a system in memory is always used with its supplements; those that are asked for by the call or by
 * the value set must be there. Throws 404, and 422 for a supplement that is not used.
 */
export const checkSupplements = (scope: Scope, { resource }: Composition, asked: readonly string[]): void => {
  const ofValueSet = (resource?.extension ?? [])
    .filter(({ url }) => url === valueSetSupplement)
    .flatMap(({ valueCanonical }) => valueCanonical ?? [])
  const place = (canonical: string): readonly string[] =>
    asked.includes(canonical) ? ['http.useSupplement'] : []
  for (const canonical of [...asked, ...ofValueSet]) {
    const supplement = scope.canonicals.resolve('CodeSystem', canonical)
    if (supplement?.content !== 'supplement')
      throw new Problem(404, [
        issue(
          'not-found',
          `The supplement ${canonical} is not known; post it as a CodeSystem whose content is supplement.`,
          ...place(canonical),
        ),
      ])
    const base = systemOf(scope, supplement.supplements ?? '', undefined)
    if (base.kind !== 'memory')
      throw new Problem(422, [
        issue(
          'not-supported',
          `The supplement ${canonical} cannot be used: ${base.kind === 'missing' ? base.reason : `supplements of ${base.name} are not, as its concepts are not in a CodeSystem resource.`}`,
          ...place(canonical),
        ),
      ])
  }
}

/** The parameters system-version, check-system-version and force-system-version. */
export const versionRules = (call: OperationCall): VersionRules | undefined => {
  const read = (name: string): ReadonlyMap<string, string> =>
    new Map(
      call.all<string>(name).map((canonical) => {
        const { url, version } = splitCanonical(canonical)
        if (version === undefined)
          throw invalid(
            `The parameter ${name} is url|version; "${canonical}" has no version.`,
            `http.${name}`,
          )
        return [url, version]
      }),
    )
  const rules = {
    system: read('system-version'),
    check: read('check-system-version'),
    force: read('force-system-version'),
  }
  return rules.system.size + rules.check.size + rules.force.size === 0 ? undefined : rules
}

export type CalledCode = {
  readonly system?: string
  readonly version?: string
  readonly code: string
  readonly display?: string
  readonly path: string
}

const ofCoding = ({ system, version, code, display }: Coding, path: string): CalledCode => {
  if (code === undefined) throw invalid(`The ${path} has no code.`, `http.${path}`)
  return {
    code,
    path,
    ...(system === undefined ? {} : { system }),
    ...(version === undefined ? {} : { version }),
    ...(display === undefined ? {} : { display }),
  }
}

/** The code of a call, in any of its three forms. `systemName` and `versionName` are the parameters beside `code`. */
export const calledCodes = (
  call: OperationCall,
  systemName = 'system',
  versionName = 'version',
): readonly CalledCode[] => {
  const [code, coding, concept] = [
    call.one<string>('code'),
    call.one<JsonObject>('coding') as Coding | undefined,
    call.one<JsonObject>('codeableConcept') as CodeableConcept | undefined,
  ]
  if ([code, coding, concept].filter((one) => one !== undefined).length !== 1)
    throw invalid('Send one of code, coding and codeableConcept.', 'http.code')
  if (coding) return [ofCoding(coding, 'coding')]
  if (concept) {
    const codings = concept.coding ?? []
    if (codings.length === 0) throw invalid('The codeableConcept has no coding.', 'http.codeableConcept')
    return codings.map((one, index) => ofCoding(one, `codeableConcept.coding[${index}]`))
  }
  const part = (name: string): string | undefined => call.one<string>(name)
  const given = { system: part(systemName), version: part(versionName), display: part('display'), code }
  return [
    ofCoding(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), 'code'),
  ]
}

/** An answer made of Parameters: absent values are left out. */
export const parameters = (list: readonly (JsonObject | undefined)[]): JsonObject => ({
  resourceType: 'Parameters',
  parameter: list.filter((one) => one !== undefined),
})

export const text = (name: string, value: string | undefined, kind = 'String'): JsonObject | undefined =>
  value === undefined ? undefined : { name, [`value${kind}`]: value }

/** Issues as an OperationOutcome inside of an answer. */
export const outcomeOf = (issues: readonly Issue[]): JsonObject => ({
  resourceType: 'OperationOutcome',
  issue: issues.map(({ severity, code, diagnostics, expression }) => ({
    severity,
    code,
    diagnostics,
    ...(expression ? { expression: [...expression] } : {}),
  })),
})
