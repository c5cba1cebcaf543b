/** Who asks → what they may: looks up what the variables of policies stand for, and the consents in force. */
import type { Basic, Consent } from 'fhir/r4.js'
import { type Access, unrestricted } from '../../access/access.ts'
import { accessOf, type Granted, type ReasonedAccess } from '../../access/access-of.ts'
import { type Asker, consentEffects, noConsents } from '../../access/consent.ts'
import type { Judge, Policies } from '../../access/load-policies.ts'
import { type Policy, pairsOf, type Variables } from '../../access/policy.ts'
import type { Principal } from '../../access/principal.ts'
import { directory, typeGroups } from '../../access/type-groups.ts'
import type { Definitions } from '../../fhir/definitions/model.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'
import type { FoundRow, Search } from '../../search/index.ts'
import type { Version } from '../../store/index.ts'
import { createLook, type Look, type LookDeps } from './look.ts'
import { createTenantPolicies } from './tenant-policies.ts'

export type CallersDeps = LookDeps & {
  readonly definitions: Definitions
  /** Of this server: those that hold where a hospital has none of its own. */
  readonly policies: Policies
}

export type Caller = { readonly who: Principal; readonly access: Access }

export type Callers = {
  /** At once when the caller was here a moment ago. */
  of(who: Principal, tenant: number): Caller | Promise<Caller>
  /** The same with reasons, always asked anew. */
  explain(who: Principal, tenant: number, at: number): Promise<ReasonedAccess>
  /** Why a Basic is no policy that can be enforced; undefined when it is. */
  judge(basic: Basic): string | undefined
  /** Something has changed for this one: it is asked anew. */
  forget(who: Principal): void
}

/** For so long, in ms, what was looked up holds: assignments, consents and broken glass take effect within it. */
const trust = 1000
/** Patients that may be assigned to one person. */
const mostPatients = 20_000
const mostIds = 1000

type Known = { readonly caller: Caller; readonly until: number }

export const createCallers = (deps: CallersDeps): Callers => {
  const known = new WeakMap<Principal, Map<number, Known>>()
  /** Of those who have broken the glass, who they were before. */
  const before = new WeakMap<Principal, Principal>()
  const ofTenant = createConsents(deps)
  const judge = judgeBy(deps.search)
  const ofHospital = createTenantPolicies(deps.policies, typeGroups(deps.definitions), judge)
  const ofPatients = compartmentTypes(deps.definitions)
  const dated = new Set(
    resourceTypes.filter((type) => deps.search.parameters(type).some(({ code }) => code === 'date')),
  )
  const explain = async (who: Principal, tenant: number, at: number): Promise<ReasonedAccess> => {
    const look = createLook(deps, tenant, at)
    const known = await ofHospital.of(tenant, look)
    const policies = who.roles.flatMap((role) => known.get(role) ?? [])
    const self = await selfOf(who, look)
    const granted: Granted[] = []
    for (const policy of policies) granted.push({ policy, variables: await variablesOf(policy, self, look) })
    const consents = await ofTenant(tenant, look)
    const asker: Asker = { who, references: referencesOf(who, self), at, ofPatients, dated }
    const effects = consents.length === 0 ? noConsents : consentEffects(consents, asker)
    return accessOf(who, { granted, consents: effects, ofPatients })
  }
  const learn = async (who: Principal, tenant: number): Promise<Caller> => {
    const now = Date.now()
    const access = await explain(who, tenant, now)
    const tenants = known.get(who) ?? new Map<number, Known>()
    known.set(who, tenants)
    // The same access keeps what was made of it.
    const last = tenants.get(tenant)?.caller
    const caller = last?.access.key === access.key ? last : { who: inEmergency(who, access), access }
    before.set(caller.who, who)
    tenants.set(tenant, { caller, until: now + trust })
    return caller
  }
  return {
    explain,
    judge: ofHospital.judge,
    forget: (who) => {
      known.delete(before.get(who) ?? who)
    },
    of: (who, tenant) => {
      if (who.kind === 'internal') return { who, access: unrestricted }
      const one = known.get(who)?.get(tenant)
      return one && one.until > Date.now() ? one.caller : learn(who, tenant)
    },
  }
}

/** What is done behind a broken glass is on record with the reason. */
const inEmergency = (who: Principal, { emergencies }: ReasonedAccess): Principal =>
  emergencies.size === 0 ? who : { ...who, emergency: emergencies }

/** Whether a search would take the expression of a policy. */
export const judgeBy =
  (search: Search): Judge =>
  (type, query) =>
    search.plan(type, query, planOptions(1, 0)).issues.find(({ severity }) => severity === 'error')
      ?.diagnostics

const compartmentTypes = ({ compartments }: Definitions): ReadonlySet<string> => {
  const types = new Set(['Patient', ...(compartments.get('Patient')?.keys() ?? [])])
  // They say who somebody is, and not what a patient has.
  for (const type of directory) types.delete(type)
  return types
}

/** Who somebody is among the resources. */
type Self = Omit<Variables, 'patients'>

const selfOf = async ({ fhirUser }: Principal, look: Look): Promise<Self> => {
  const [type = '', id = ''] = fhirUser?.split('/') ?? []
  const practitioner =
    type === 'Practitioner' ? [id] : type === 'PractitionerRole' ? await ofRole(look, id) : []
  const named = practitioner.map((one) => `Practitioner/${one}`)
  const roles = named.map((one): [string, string][] => [['practitioner', one]])
  return {
    // The patient that an application was launched for is a matter of scopes, and gives nobody a record.
    patient: type === 'Patient' ? [id] : type === 'RelatedPerson' ? await ofRelated(look, id) : [],
    practitioner,
    relatedPerson: type === 'RelatedPerson' ? [id] : [],
    device: type === 'Device' ? [id] : [],
    careTeams: await look.ids(
      'CareTeam',
      named.map((one) => [
        ['participant', one],
        ['status', 'active'],
      ]),
    ),
    organizations: await look.ids(
      'Organization',
      roles.map(([pair]) => [[`_has:PractitionerRole:organization:practitioner`, pair![1]]]),
    ),
  }
}

const referenceIn = (version: Version | undefined, member: string, type: string): readonly string[] => {
  const resource = version?.content
    ? (JSON.parse(version.content) as Record<string, { reference?: string }>)
    : {}
  const reference = resource[member]?.reference
  return reference?.startsWith(`${type}/`) ? [reference.slice(type.length + 1)] : []
}

const ofRole = async (look: Look, id: string): Promise<readonly string[]> =>
  referenceIn(await look.current('PractitionerRole', id), 'practitioner', 'Practitioner')

/** Whom a related person is related to, as long as the resource says that it is so. */
const ofRelated = async (look: Look, id: string): Promise<readonly string[]> => {
  const version = await look.current('RelatedPerson', id)
  const isActive = version?.content ? JSON.parse(version.content).active !== false : false
  return isActive ? referenceIn(version, 'patient', 'Patient') : []
}

const variablesOf = async (policy: Policy, self: Self, look: Look): Promise<Variables> => {
  const own = { ...self, patients: [] }
  const searches = policy.patients.flatMap((expression) => {
    const pairs = pairsOf(expression, own)
    return pairs ? [pairs] : []
  })
  return { ...self, patients: await look.ids('Patient', searches, mostPatients) }
}

const referencesOf = ({ fhirUser, client, id, kind }: Principal, self: Self): ReadonlySet<string> =>
  new Set([
    ...(fhirUser === undefined ? [] : [fhirUser]),
    ...(kind === 'system' ? [`Device/${id}`] : client === undefined ? [] : [`Device/${client}`]),
    ...self.practitioner.map((one) => `Practitioner/${one}`),
    ...self.careTeams.map((one) => `CareTeam/${one}`),
    ...self.organizations.map((one) => `Organization/${one}`),
    ...(fhirUser?.startsWith('Patient/') || fhirUser?.startsWith('RelatedPerson/')
      ? self.patient.map((one) => `Patient/${one}`)
      : []),
  ])

/** After so long, in ms, all are read again, whatever has changed. */
const whole = 60_000

type Loaded = { readonly changes: string; readonly at: number; readonly consents: readonly Consent[] }

/** Consents about privacy that are in force, kept as long as none is written. */
const createConsents = ({ search, store }: CallersDeps) => {
  const tenants = new Map<number, Loaded>()
  return async (tenant: number, look: Look): Promise<readonly Consent[]> => {
    const changes = await look.changes('Consent')
    const known = tenants.get(tenant)
    const now = Date.now()
    if (known?.changes === changes && now - known.at < whole) return known.consents
    if (changes === '') return []
    const consents: Consent[] = []
    const ids = await look.ids('Consent', [[['status', 'active']]], Number.MAX_SAFE_INTEGER % 2 ** 31)
    for (let from = 0; from < ids.length; from += mostIds) {
      const condition = search.reach(
        'Consent',
        { groups: [[{ kind: 'ids', ids: ids.slice(from, from + mostIds) }]] },
        { base: '', at: now },
      )
      const { plan } = search.plan('Consent', [], planOptions(tenant, now))
      const statement = search.statement({ ...plan, where: condition ? [condition] : [], count: mostIds })
      const rows = await store.select<FoundRow>(statement)
      for (const { id, fhir_id, content } of rows) {
        // A large one does not come along.
        const text = content ?? (await look.current('Consent', fhir_id ?? id))?.content
        if (text) consents.push(essence(JSON.parse(text) as Consent))
      }
    }
    const privacy = consents.filter(isAboutPrivacy)
    tenants.set(tenant, { changes, at: now, consents: privacy })
    return privacy
  }
}

const planOptions = (tenant: number, at: number) => ({
  tenant,
  base: '',
  at,
  lenient: false,
  defaultCount: mostIds,
  maxCount: mostIds,
})

/** Documents that are attached are not to be held in memory. */
const essence = ({
  id,
  meta,
  resourceType,
  status,
  scope,
  category,
  patient,
  policyRule,
  provision,
}: Consent): Consent => ({
  resourceType,
  status,
  scope,
  category,
  ...(id === undefined ? {} : { id }),
  ...(meta === undefined ? {} : { meta }),
  ...(patient === undefined ? {} : { patient }),
  ...(policyRule === undefined ? {} : { policyRule }),
  ...(provision === undefined ? {} : { provision }),
})

/** Consents to treatment or research rule nothing here. */
const isAboutPrivacy = ({ scope }: Consent): boolean =>
  scope.coding?.some(({ code }) => code === 'patient-privacy') ?? false
