/**
 * Value sets that a URL alone defines: http://hl7.org/fhir/R4/snomedct.html#implicit,
 * http://hl7.org/fhir/R4/loinc.html#implicit, http://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.valueSet
 */
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { Absent, Composition, Part } from './composition.ts'
import type { ConceptFilter } from './concept-source.ts'
import { readEcl } from './ecl.ts'
import { type Scope, splitCanonical, systemOf } from './scope.ts'
import type { MissingSystem, System } from './system.ts'

const loinc = 'http://loinc.org'
const snomed = 'http://snomed.info/sct'

/** Undefined when the URL is not of that kind. */
export const implicitValueSet = (scope: Scope, canonical: string): Composition | Absent | undefined => {
  const { url, version } = splitCanonical(canonical)
  if (url === `${loinc}/vs` || url.startsWith(`${loinc}/vs/`)) return ofLoinc(scope, url, version)
  if (url.startsWith(`${snomed}?`) || url.startsWith(`${snomed}/`)) return ofSnomed(scope, url)
  if (url === 'http://unitsofmeasure.org/vs')
    return whole(url, [part(systemOf(scope, 'http://unitsofmeasure.org'), [])])
  const system = wholeOf(scope.canonicals).get(url)
  return system === undefined ? undefined : whole(url, [part(systemOf(scope, system, version), [])])
}

const wholes = new WeakMap<Canonicals, ReadonlyMap<string, string>>()

/** The posted system by the value set that it says to be all of it. Those of packages have theirs as resources. */
const wholeOf = (canonicals: Canonicals): ReadonlyMap<string, string> => {
  const known = wholes.get(canonicals)
  if (known) return known
  const made = new Map<string, string>()
  for (const { url, source } of canonicals.list('CodeSystem')) {
    const valueSet = source === 'posted' ? canonicals.resolve('CodeSystem', url)?.valueSet : undefined
    if (valueSet !== undefined) made.set(splitCanonical(valueSet).url, url)
  }
  wholes.set(canonicals, made)
  return made
}

const whole = (url: string, include: readonly Part[]): Composition => ({
  kind: 'composition',
  url,
  include,
  exclude: [],
})

const part = (system: System | MissingSystem, filters: readonly ConceptFilter[]): Part => ({
  system,
  filters,
  valueSets: [],
})

/** All of LOINC, an answer list (LL…), or what is below a part (LP…). */
const ofLoinc = (scope: Scope, url: string, version: string | undefined): Composition | Absent => {
  const system = systemOf(scope, loinc, version)
  const id = url.slice(`${loinc}/vs/`.length)
  if (id === '') return whole(url, [part(system, [])])
  if (/^LL[0-9]+-[0-9]$/.test(id))
    return whole(url, [part(system, [{ property: 'answer-list', op: '=', value: id }])])
  if (/^LP[0-9]+-[0-9]$/.test(id))
    return whole(url, [part(system, [{ property: 'concept', op: 'is-a', value: id }])])
  return absent(url, `${id} is neither an answer list (LL…) nor a part (LP…) of LOINC.`)
}

const absent = (url: string, reason: string): Absent => ({ kind: 'absent', url, code: 'not-found', reason })

/** `http://snomed.info/sct[/edition[/version/date]]?fhir_vs[=…]` */
const ofSnomed = (scope: Scope, url: string): Composition | Absent | undefined => {
  const [base = '', query] = url.split('?')
  if (query === undefined || !/^fhir_vs(=|$)/.test(query)) return undefined
  const system = systemOf(scope, snomed, base === snomed ? undefined : base)
  const [kind = '', ...rest] = query.slice('fhir_vs='.length).split('/')
  const value = decode(rest.join('/'))
  if (query === 'fhir_vs') return whole(url, [part(system, [])])
  if (value === undefined) return absent(url, 'It is not encoded correctly.')
  if (kind === 'isa' && value !== '')
    return whole(url, [part(system, [{ property: 'concept', op: 'is-a', value }])])
  if (kind === 'refset' && value !== '')
    return whole(url, [part(system, [{ property: 'refset', op: '=', value }])])
  if (kind === 'refset')
    return whole(url, [part(system, [{ property: 'refset', op: 'exists', value: 'true' }])])
  if (kind === 'ecl') return readEcl(url, system, value)
  return absent(
    url,
    `SNOMED CT has implicit value sets by isa/, refset/ and ecl/; "${kind}" is none of them.`,
  )
}

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
