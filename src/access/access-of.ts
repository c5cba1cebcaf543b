/** Policies of the roles, scopes of the token, and consents, intersected: what somebody may do. */
import { hash } from 'node:crypto'
import { isResourceType } from '../fhir/resource-types.ts'
import type { Reach, Restriction } from '../search/index.ts'
import { type Access, byContext } from './access.ts'
import type { ConsentEffects } from './consent.ts'
import { type Policy, restrictionOf, type Variables } from './policy.ts'
import type { Principal } from './principal.ts'
import type { Permission, SmartScope } from './scope.ts'
import { directory } from './type-groups.ts'

/** A policy with what its variables stand for. */
export type Granted = { readonly policy: Policy; readonly variables: Variables }

/** One way in which a source allows something. */
export type Alternative = { readonly because: string; readonly restriction: Restriction | 'all' }

/** What must allow: one of the alternatives holds. */
export type Source = {
  readonly name: 'policy' | 'scopes' | 'consent'
  readonly alternatives: readonly Alternative[]
}

export type Circumstances = {
  readonly granted: readonly Granted[]
  readonly consents: ConsentEffects
  /** Types in the compartment of a patient. */
  readonly ofPatients: ReadonlySet<string>
}

/** An access whose reasons can be told. */
export type ReasonedAccess = Access & {
  sources(type: string, permission: Permission): readonly Source[]
  /** Id of the patient → reason, where the glass is broken. */
  readonly emergencies: ReadonlyMap<string, string>
}

export const accessOf = (who: Principal, circumstances: Circumstances): ReasonedAccess => {
  const { granted, consents } = circumstances
  const sources = (type: string, permission: Permission): readonly Source[] => [
    ...policySource(who, circumstances, type, permission),
    ...scopeSource(who, circumstances, type, permission),
    ...consentSource(consents, type, permission),
  ]
  const minutes = Math.max(0, ...granted.map(({ policy }) => policy.breakGlassMinutes ?? 0))
  return {
    key: keyOf(who, circumstances),
    sources,
    emergencies: consents.emergencies,
    reach: reachesBy((type, permission) => reachOf(sources(type, permission))),
    masked: (type) => maskedBy(granted, type),
    refusal: (type, permission) => refusalOf(sources(type, permission), who, type, permission),
    ...(minutes > 0 ? { breakGlassMinutes: minutes } : {}),
  }
}

/** Every request asks again. */
const reachesBy = (make: Access['reach']): Access['reach'] => {
  const known = new Map<string, Reach>()
  return (type, permission) => {
    const key = `${type}.${permission}`
    const found = known.get(key) ?? make(type, permission)
    known.set(key, found)
    return found
  }
}

const keyOf = (who: Principal, { granted, consents }: Circumstances): string => {
  const scopes = who.scopes === 'all' ? 'all' : who.scopes.map(({ text }) => text)
  const roles = granted.map(({ policy, variables }) => [policy.role, variables])
  const { kind, fhirUser, patient } = who
  return hash('sha256', JSON.stringify([kind, fhirUser, patient, scopes, roles, consents.key]), 'base64url')
}

/** A doctor whom nobody is assigned to may look for patients, and finds none. */
const nobody: Restriction = Object.freeze({ kind: 'ids', ids: [] })

/** What each source allows is a group; a source that allows all adds none. */
const reachOf = (sources: readonly Source[]): Reach => {
  const groups: Restriction[][] = []
  for (const { alternatives } of sources) {
    if (alternatives.length === 0) return 'none'
    const restrictions = alternatives.map(({ restriction }) => restriction)
    if (!restrictions.includes('all')) groups.push(restrictions as Restriction[])
  }
  return groups.length === 0 ? 'all' : { groups }
}

/** A system without a role is held to its scopes, which an administrator gave it; a person without one may do nothing. */
const policySource = (
  who: Principal,
  { granted, consents }: Circumstances,
  type: string,
  permission: Permission,
): readonly Source[] => {
  if (who.kind === 'internal' || (who.kind === 'system' && who.roles.length === 0)) return []
  const alternatives = granted.flatMap(({ policy, variables }) =>
    policy.rules
      .filter((rule) => rule.permissions.includes(permission) && rule.types.includes(type))
      .flatMap(({ name, within }): Alternative[] => {
        const because = `policy of ${policy.role}: ${name}`
        if (!within) return [{ because, restriction: 'all' }]
        return within.map((one) => ({ because, restriction: restrictionOf(one, variables) ?? nobody }))
      }),
  )
  // A consent opens what is of its patient to people who read patients' records anyway.
  const opened = granted.some(({ policy }) => policy.patients.length > 0) ? consents.permits(type) : []
  return [
    {
      name: 'policy',
      alternatives: [
        ...alternatives,
        ...(permission === 'r' || permission === 's'
          ? opened.map((restriction) => ({ because: 'a consent of the patient', restriction }))
          : []),
      ],
    },
  ]
}

const scopeSource = (
  who: Principal,
  circumstances: Circumstances,
  type: string,
  permission: Permission,
): readonly Source[] => {
  if (who.scopes === 'all') return []
  const fitting = who.scopes.filter(
    (scope) => (scope.type === '*' || scope.type === type) && scope.permissions.includes(permission),
  )
  const alternatives = fitting.flatMap((scope): Alternative[] => {
    const restriction = ofScope(scope, who, circumstances, type, permission)
    return restriction ? [{ because: `scope ${scope.text}`, restriction }] : []
  })
  return [{ name: 'scopes', alternatives }]
}

/** `patient/` is what is in the launch patient's compartment, documents that belong to it, and the directory that it refers to. */
const ofScope = (
  { level, query }: SmartScope,
  { patient }: Principal,
  { ofPatients }: Circumstances,
  type: string,
  permission: Permission,
): Restriction | 'all' | undefined => {
  const narrowed: readonly Restriction[] = query.length > 0 ? [{ kind: 'search', query }] : []
  if (level !== 'patient') return narrowed[0] ?? 'all'
  if (patient === undefined) return undefined
  if (!ofPatients.has(type)) {
    if (type === 'Binary' && permission === 'r' && narrowed.length === 0) return byContext
    const isLook = permission === 'r' || permission === 's'
    return isLook && directory.includes(type) ? (narrowed[0] ?? 'all') : undefined
  }
  const own: Restriction = { kind: 'compartment', type: 'Patient', ids: [patient] }
  return narrowed.length === 0 ? own : { kind: 'every', of: [own, ...narrowed] }
}

/** What patients keep from somebody is kept from reading and finding. */
const consentSource = (consents: ConsentEffects, type: string, permission: Permission): readonly Source[] => {
  if (permission !== 'r' && permission !== 's') return []
  const denied = consents.denials(type)
  if (denied.length === 0) return []
  return [
    {
      name: 'consent',
      alternatives: [
        { because: 'no consent keeps it from you', restriction: { kind: 'except', of: denied } },
      ],
    },
  ]
}

/** What every role hides; one role that shows it is enough. */
const maskedBy = (granted: readonly Granted[], type: string): readonly string[] => {
  const [first, ...others] = granted
    .filter(({ policy }) => policy.rules.some((rule) => rule.types.includes(type)))
    .map(({ policy }) => policy.masks.get(type) ?? [])
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)))
}

const words: Readonly<Record<Permission, string>> = {
  c: 'create',
  r: 'read',
  u: 'update',
  d: 'delete',
  s: 'search',
}

const refusalOf = (
  sources: readonly Source[],
  who: Principal,
  type: string,
  permission: Permission,
): string => {
  const what = isResourceType(type) ? type : 'resources'
  const missing = new Set(
    sources.filter(({ alternatives }) => alternatives.length === 0).map(({ name }) => name),
  )
  const sentences = [
    ...(missing.has('policy') ? [policyGap(who, what, permission)] : []),
    ...(missing.has('scopes') ? [scopeGap(who, what, permission)] : []),
  ]
  return sentences.length > 0
    ? sentences.join(' ')
    : `You may not ${words[permission]} ${what}: neither your role nor your token allows it.`
}

const policyGap = ({ roles }: Principal, what: string, permission: Permission): string =>
  roles.length === 0
    ? `Your account has no role, so you may not ${words[permission]} ${what}; ask an administrator for one.`
    : `The policy of your ${roles.length === 1 ? `role ${roles[0]}` : `roles ${roles.join(', ')}`} does not let you ${words[permission]} ${what}.`

const scopeGap = ({ kind, patient, scopes }: Principal, what: string, permission: Permission): string => {
  const level = kind === 'system' ? 'system' : patient === undefined ? 'user' : 'patient'
  const type = what === 'resources' ? '*' : what
  const unused =
    patient === undefined && scopes !== 'all' && scopes.some((one) => one.level === 'patient')
      ? ' Its scopes of a patient count for nothing, as it was launched without one.'
      : ''
  return `The token does not let you ${words[permission]} ${what}: it needs a scope such as ${level}/${type}.${permission}.${unused}`
}
