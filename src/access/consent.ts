/** What patients' Consents keep from somebody or open to them: http://hl7.org/fhir/R4/consent.html */
import type { Consent, ConsentProvision, Period } from 'fhir/r4.js'
import type { Restriction } from '../search/index.ts'
import type { Principal } from './principal.ts'

/** Restrictions on a type; `key` is equal when all of them are. */
export type ConsentEffects = {
  readonly key: string
  denials(type: string): readonly Restriction[]
  permits(type: string): readonly Restriction[]
  /** Records that the asker has broken the glass for: id of the patient → reason. */
  readonly emergencies: ReadonlyMap<string, string>
}

export const noConsents: ConsentEffects = {
  key: '',
  denials: () => [],
  permits: () => [],
  emergencies: new Map(),
}

/** Who asks, as consents name them. */
export type Asker = {
  readonly who: Principal
  /** `Practitioner/1`, `CareTeam/2`, `Organization/3`: whatever the asker is or belongs to. */
  readonly references: ReadonlySet<string>
  /** ctx.at */
  readonly at: number
  /** Types in the compartment of a patient. */
  readonly ofPatients: ReadonlySet<string>
  /** Types that can be searched by `date`. */
  readonly dated: ReadonlySet<string>
}

const typeSystem = 'http://hl7.org/fhir/resource-types'
const breakGlass = 'BTG'
const treatment = new Set(['TREAT', breakGlass, 'ETREAT', 'HPAYMT', 'HOPERAT', 'PATRQT'])
const looking = new Set(['access', 'use', 'collect', 'disclose', 'correct'])

/** What a provision is about, on one type; `none` for nothing. */
type Region = (type: string) => Restriction | 'none'

/** Active consents about privacy, each of its own patient. */
export const consentEffects = (consents: readonly Consent[], asker: Asker): ConsentEffects => {
  const denials: Region[] = []
  const permits: Region[] = []
  const parts: string[] = []
  const opened = new Map(
    consents
      .filter((one) => isEmergency(one, asker))
      .map(({ patient, policyRule }) => [patient?.reference ?? '', policyRule?.text ?? breakGlass]),
  )
  for (const consent of consents) {
    const patient = consent.patient?.reference
    if (consent.status !== 'active' || patient === undefined || !/^Patient\/[^/]+$/.test(patient)) continue
    // Nobody is kept from the own record, and a broken glass lies open for its time.
    if (asker.references.has(patient)) continue
    const found = effectsOf(consent, patient.slice('Patient/'.length), asker)
    if (found.length === 0) continue
    parts.push(`${consent.id}/${consent.meta?.versionId}`)
    for (const { type, region } of found) {
      if (type === 'permit') permits.push(region)
      else if (!opened.has(patient)) denials.push(region)
    }
  }
  if (denials.length + permits.length === 0) return noConsents
  const of = (regions: readonly Region[]) => (type: string) =>
    regions.map((region) => region(type)).filter((one) => one !== 'none')
  const emergencies = new Map([...opened].map(([key, reason]) => [key.slice('Patient/'.length), reason]))
  return { key: parts.join(' '), denials: of(denials), permits: of(permits), emergencies }
}

type Effect = { readonly type: 'permit' | 'deny'; readonly region: Region }

/** A provision with its exceptions, whose exceptions turn it around again. */
const effectsOf = (consent: Consent, patient: string, asker: Asker): readonly Effect[] => {
  const { provision, policyRule } = consent
  const optsOut = policyRule?.coding?.some(({ code }) => code === 'OPTOUT') ?? false
  const root: ConsentProvision = provision ?? {}
  const type = root.type ?? (optsOut ? 'deny' : provision ? 'permit' : undefined)
  if (type === undefined || !isInTime(root, asker)) return []
  const exceptions = root.provision ?? []
  // Whoever is not meant by a permission as a whole may be meant by one of its exceptions.
  const denied = type === 'permit' ? exceptions.filter((one) => one.type !== 'permit') : []
  const nested = denied
    .filter((one) => isMeant(one, asker))
    .map((one): Effect => ({ type: 'deny', region: within(patient, one, 'permit', asker) }))
  if (!isMeant(root, asker)) return nested
  const isNamed = (root.actor ?? []).length > 0
  const own: Effect = { type, region: within(patient, root, type === 'deny' ? 'permit' : 'deny', asker) }
  // A permission that names nobody opens nothing to those who have no reason to look.
  return type === 'permit' && !isNamed ? nested : [own, ...nested]
}

/** What the provision covers without what its exceptions of the other type cover. */
const within = (
  patient: string,
  provision: ConsentProvision,
  other: 'permit' | 'deny',
  asker: Asker,
): Region => {
  const exceptions = (provision.provision ?? [])
    .filter((one) => (one.type ?? other) === other && isMeant(one, asker))
    .map((one) => within(patient, one, other === 'permit' ? 'deny' : 'permit', asker))
  return (type) => {
    const own = covered(patient, provision, type, asker, other === 'permit')
    if (own === 'none') return 'none'
    const excepted = exceptions.map((region) => region(type)).filter((one) => one !== 'none')
    return excepted.length === 0 ? own : { kind: 'every', of: [own, { kind: 'except', of: excepted }] }
  }
}

/** `isDenial`: what cannot be told apart is rather denied than permitted. */
const covered = (
  patient: string,
  { class: classes, securityLabel, dataPeriod, data, code }: ConsentProvision,
  type: string,
  { ofPatients, dated }: Asker,
  isDenial: boolean,
): Restriction | 'none' => {
  if (!ofPatients.has(type)) return 'none'
  const types = (classes ?? []).filter(({ system }) => system === typeSystem)
  if (types.length > 0 && !types.some((one) => one.code === type)) return 'none'
  if ((classes ?? []).length > types.length && types.length === 0 && !isDenial) return 'none'
  const all: Restriction[] = [{ kind: 'compartment', type: 'Patient', ids: [patient] }]
  const labels = (securityLabel ?? []).flatMap(({ system, code: label }) =>
    label === undefined ? [] : [system === undefined ? label : `${system}|${label}`],
  )
  if (labels.length > 0) all.push({ kind: 'search', query: [['_security', labels.join(',')]] })
  const codes = (code ?? []).flatMap(({ coding }) =>
    (coding ?? []).map(({ system, code: one }) => `${system ?? ''}|${one ?? ''}`),
  )
  if (codes.length > 0) {
    if (!hasCode.has(type)) return 'none'
    all.push({ kind: 'search', query: [['code', codes.join(',')]] })
  }
  if (dataPeriod) {
    if (dated.has(type)) all.push({ kind: 'search', query: datesOf(dataPeriod) })
    else if (!isDenial) return 'none'
  }
  const named = (data ?? []).flatMap(({ reference: { reference = '' } }) =>
    reference.startsWith(`${type}/`) ? [reference.slice(type.length + 1)] : [],
  )
  if (data && named.length === 0) return 'none'
  if (named.length > 0) all.push({ kind: 'ids', ids: named })
  return all.length === 1 ? all[0]! : { kind: 'every', of: all }
}

const hasCode = new Set([
  ...[
    'AllergyIntolerance',
    'Condition',
    'DiagnosticReport',
    'MedicationAdministration',
    'MedicationDispense',
  ],
  ...['MedicationRequest', 'MedicationStatement', 'Observation', 'Procedure', 'ServiceRequest'],
])

const datesOf = ({ start, end }: Period) => [
  ...(start === undefined ? [] : [['date', `ge${start}`] as const]),
  ...(end === undefined ? [] : [['date', `le${end}`] as const]),
]

/** Whether the provision is about this asker, for this purpose, now. */
const isMeant = (provision: ConsentProvision, asker: Asker): boolean => {
  const { actor, action, purpose } = provision
  if (!isInTime(provision, asker)) return false
  const codes = (action ?? []).flatMap(({ coding }) => (coding ?? []).map(({ code = '' }) => code))
  if (codes.length > 0 && !codes.some((code) => looking.has(code))) return false
  const purposes = (purpose ?? []).map(({ code = '' }) => code)
  if (purposes.length > 0 && !purposes.some((code) => treatment.has(code))) return false
  if (!actor || actor.length === 0) return asker.who.kind !== 'internal'
  return actor.some(({ reference: { reference, identifier }, role }) => {
    if (reference !== undefined) return asker.references.has(reference)
    if (identifier?.value !== undefined)
      return identifier.value === asker.who.id || identifier.value === asker.who.client
    return (role?.coding ?? []).some(({ code }) =>
      (asker.who.roles as readonly string[]).includes(code ?? ''),
    )
  })
}

const isInTime = ({ period }: ConsentProvision, { at }: Asker): boolean => {
  const start = period?.start === undefined ? Number.NEGATIVE_INFINITY : Date.parse(period.start)
  // A date ends with its day.
  const end = period?.end === undefined ? Number.POSITIVE_INFINITY : endOf(period.end)
  return at >= start && at < end
}

const endOf = (text: string): number => Date.parse(text) + (text.includes('T') ? 0 : 86_400_000)

const isEmergency = ({ status, provision }: Consent, asker: Asker): boolean =>
  status === 'active' &&
  provision?.type === 'permit' &&
  (provision.purpose ?? []).some(({ code }) => code === breakGlass) &&
  isMeant(provision, asker)
