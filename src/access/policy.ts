/** What a role may do, as data: read from JSON, checked, and with the variables of a person put in. */
import { isResourceType, resourceTypes } from '../fhir/resource-types.ts'
import type { Restriction } from '../search/index.ts'
import { byContext } from './access.ts'
import { type Role, roles } from './principal.ts'
import { type Permission, permissions } from './scope.ts'

/** What the expressions of a policy may name, in braces. */
export const variableNames = [
  'patient',
  'practitioner',
  'relatedPerson',
  'device',
  'careTeams',
  'organizations',
  'patients',
] as const
export type VariableName = (typeof variableNames)[number]

/** Ids; none where there is nothing of the kind. */
export type Variables = Readonly<Record<VariableName, readonly string[]>>

/** Resources by compartment, or by search parameters as after the `?` of a search. */
export type Within =
  | { readonly compartment: string; readonly of: string }
  | { readonly search: string }
  | { readonly ids: string }
  /** A Binary, where its `securityContext` may be read. */
  | { readonly securityContext: 'readable' }

export type Rule = {
  /** What the rule is for, to be shown to whoever asks why. */
  readonly name: string
  readonly types: readonly string[]
  readonly permissions: readonly Permission[]
  /** One of them holds; absent for all resources of the types. */
  readonly within?: readonly Within[]
}

export type Policy = {
  readonly role: Role
  readonly title: string
  readonly description: string
  /** Searches for the patients that `{patients}` stands for: one of them finds each. */
  readonly patients: readonly string[]
  readonly rules: readonly Rule[]
  /** Type → elements that the role does not see. */
  readonly masks: ReadonlyMap<string, readonly string[]>
  /** For how long the role may open the record of a patient that it does not see; absent when it may not. */
  readonly breakGlassMinutes?: number
}

/** Groups of types that policies name with `@`: `@patient-record` is what is in a patient's compartment. */
export type TypeGroups = ReadonlyMap<string, readonly string[]>

/** Where the JSON breaks the form, with what it should be. */
export class PolicyFault extends Error {}

type Json = Readonly<Record<string, unknown>>

const fault = (at: string, text: string): PolicyFault => new PolicyFault(`${at}: ${text}`)

const objectAt = (value: unknown, at: string, known: readonly string[]): Json => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fault(at, `must be an object with ${known.join(', ')}.`)
  const strange = Object.keys(value).find((name) => !known.includes(name))
  if (strange !== undefined)
    throw fault(`${at}.${strange}`, `is not known here. There are ${known.join(', ')}.`)
  return value as Json
}

const textAt = (value: unknown, at: string): string => {
  if (typeof value !== 'string' || value === '') throw fault(at, 'must be a text that is not empty.')
  return value
}

const listAt = (value: unknown, at: string): readonly unknown[] => {
  if (!Array.isArray(value) || value.length === 0) throw fault(at, 'must be a list that is not empty.')
  return value
}

/** Throws PolicyFault. `at` names the file. */
export const readPolicy = (value: unknown, groups: TypeGroups, at: string): Policy => {
  const members = ['role', 'title', 'description', 'patients', 'rules', 'masks', 'breakGlass']
  const json = objectAt(value, at, members)
  const role = roles.find((one) => one === json.role)
  if (!role) throw fault(`${at}.role`, `must be one of ${roles.join(', ')}.`)
  const minutes = json.breakGlass && objectAt(json.breakGlass, `${at}.breakGlass`, ['minutes']).minutes
  if (minutes !== undefined && !(Number.isInteger(minutes) && Number(minutes) > 0))
    throw fault(`${at}.breakGlass.minutes`, 'must be a whole number of minutes above 0.')
  const { patients = [] } = json
  const searches = Array.isArray(patients) ? patients : [patients]
  return {
    role,
    title: textAt(json.title, `${at}.title`),
    description: textAt(json.description, `${at}.description`),
    patients: searches.map((one, n) => expressionAt(one, `${at}.patients[${n}]`)),
    rules: (Array.isArray(json.rules) ? json.rules : listAt(json.rules, `${at}.rules`)).map((one, n) =>
      ruleAt(one, groups, `${at}.rules[${n}]`),
    ),
    masks: new Map(
      Object.entries((json.masks ?? {}) as Json).map(([type, names]) => {
        if (!isResourceType(type)) throw fault(`${at}.masks`, `${type} is not a resource type of FHIR R4.`)
        return [type, listAt(names, `${at}.masks.${type}`).map((name) => textAt(name, `${at}.masks.${type}`))]
      }),
    ),
    ...(minutes === undefined ? {} : { breakGlassMinutes: Number(minutes) }),
  }
}

const ruleAt = (value: unknown, groups: TypeGroups, at: string): Rule => {
  const json = objectAt(value, at, ['name', 'types', 'permissions', 'within'])
  const letters = textAt(json.permissions, `${at}.permissions`)
  const strange = [...letters].find((one) => !permissions.includes(one as Permission))
  if (strange !== undefined)
    throw fault(`${at}.permissions`, `${JSON.stringify(strange)} is none of c, r, u, d, s.`)
  const given = listAt(json.types, `${at}.types`)
  const types = [...new Set(given.flatMap((one) => typesOf(String(one), groups, `${at}.types`)))]
  const isByContext =
    Array.isArray(json.within) && json.within.some((one) => one?.securityContext !== undefined)
  if (isByContext && (types.join() !== 'Binary' || letters !== 'r'))
    throw fault(
      `${at}.within`,
      'securityContext is for rules with the type Binary and the permission r only.',
    )
  return {
    name: textAt(json.name, `${at}.name`),
    types,
    permissions: [...letters] as Permission[],
    ...(json.within === undefined
      ? {}
      : {
          within: listAt(json.within, `${at}.within`).map((one, n) => withinAt(one, `${at}.within[${n}]`)),
        }),
  }
}

const typesOf = (name: string, groups: TypeGroups, at: string): readonly string[] => {
  if (name === '*') return resourceTypes
  if (isResourceType(name)) return [name]
  const group = groups.get(name)
  if (!group)
    throw fault(
      at,
      `${JSON.stringify(name)} is neither a resource type of FHIR R4 nor one of ${[...groups.keys()].join(', ')}.`,
    )
  return group
}

const withinAt = (value: unknown, at: string): Within => {
  const json = objectAt(value, at, ['compartment', 'of', 'search', 'ids', 'securityContext'])
  if (json.securityContext !== undefined) {
    if (json.securityContext !== 'readable') throw fault(`${at}.securityContext`, 'must be "readable".')
    return { securityContext: 'readable' }
  }
  if (json.search !== undefined) return { search: expressionAt(json.search, `${at}.search`) }
  if (json.ids !== undefined) return { ids: variableAt(json.ids, `${at}.ids`) }
  const compartment = textAt(json.compartment, `${at}.compartment`)
  if (!isResourceType(compartment)) throw fault(`${at}.compartment`, 'must be a resource type.')
  return { compartment, of: variableAt(json.of, `${at}.of`) }
}

const variable = /\{([^}]*)\}/g

const isVariable = (name: string): name is VariableName => variableNames.includes(name as VariableName)

const variableAt = (value: unknown, at: string): VariableName => {
  const [, name = ''] = /^\{([A-Za-z]+)\}$/.exec(textAt(value, at)) ?? []
  if (isVariable(name)) return name
  throw fault(at, `must be one of ${variableNames.map((one) => `{${one}}`).join(', ')}.`)
}

const expressionAt = (value: unknown, at: string): string => {
  const text = textAt(value, at)
  for (const [, name = ''] of text.matchAll(variable))
    if (!isVariable(name))
      throw fault(
        at,
        `{${name}} is no variable. There are ${variableNames.map((one) => `{${one}}`).join(', ')}.`,
      )
  if (text.split('&').some((part) => part.indexOf('=') < 1))
    throw fault(at, 'must be search parameters such as status=active&category=laboratory.')
  return text
}

/** Pairs of a search with the variables put in; undefined when one of them stands for nothing: then nothing is found. */
export const pairsOf = (
  expression: string,
  variables: Variables,
): readonly (readonly [string, string])[] | undefined => {
  const pairs: (readonly [string, string])[] = []
  for (const part of expression.split('&')) {
    const at = part.indexOf('=')
    const value = part.slice(at + 1)
    const [, name] = variable[Symbol.matchAll](value).next().value ?? []
    if (name === undefined) {
      pairs.push([part.slice(0, at), value])
      continue
    }
    const ids = variables[name as VariableName]
    if (ids.length === 0) return undefined
    // Each id makes a value of its own: `Practitioner/{practitioner}`, `{patients}`.
    pairs.push([part.slice(0, at), ids.map((id) => value.replace(`{${name}}`, id)).join(',')])
  }
  return pairs
}

/** What a rule reaches for somebody; undefined for what no variable leads to. */
export const restrictionOf = (within: Within, variables: Variables): Restriction | undefined => {
  if ('securityContext' in within) return byContext
  if ('compartment' in within) {
    const ids = variables[within.of as VariableName]
    return ids.length === 0 ? undefined : { kind: 'compartment', type: within.compartment, ids }
  }
  if ('ids' in within) {
    const ids = variables[within.ids as VariableName]
    return ids.length === 0 ? undefined : { kind: 'ids', ids }
  }
  const query = pairsOf(within.search, variables)
  return query && { kind: 'search', query }
}
