/** SMART scopes of both versions: http://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
import { isResourceType } from '../fhir/resource-types.ts'

/** create, read (with vread and history of an instance), update (with patch), delete, search (with history of a type). */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's'

export const permissions: readonly Permission[] = ['c', 'r', 'u', 'd', 's']

/** One scope over resources. `type` is a resource type or `*`; `query` narrows it to what the search finds. */
export type SmartScope = {
  readonly level: 'patient' | 'user' | 'system'
  readonly type: string
  readonly permissions: readonly Permission[]
  readonly query: readonly (readonly [string, string])[]
  /** As it was asked for. */
  readonly text: string
}

const form = /^(patient|user|system)\/([A-Za-z]+|\*)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$/

const firstVersion: Readonly<Record<string, readonly Permission[]>> = {
  read: ['r', 's'],
  write: ['c', 'u', 'd'],
  '*': permissions,
}

/** Undefined for what is no scope over resources: `openid`, `launch/patient`, an unknown type, letters out of order. */
export const parseScope = (text: string): SmartScope | undefined => {
  const [, level, type = '', letters = '', query] = form.exec(text) ?? []
  if (level === undefined || letters === '') return undefined
  if (type !== '*' && !isResourceType(type)) return undefined
  const isFirst = Object.hasOwn(firstVersion, letters)
  // The first version knows no queries.
  if (isFirst && query !== undefined) return undefined
  const pairs = query === undefined ? [] : pairsOf(query)
  if (pairs === undefined) return undefined
  return {
    level: level as SmartScope['level'],
    type,
    permissions: firstVersion[letters] ?? ([...letters] as Permission[]),
    query: pairs,
    text,
  }
}

/** Undefined when a part has no name or value, or is not percent-encoded correctly. */
const pairsOf = (query: string): readonly (readonly [string, string])[] | undefined => {
  const pairs: (readonly [string, string])[] = []
  for (const part of query.split('&')) {
    const at = part.indexOf('=')
    if (at < 1 || at === part.length - 1) return undefined
    try {
      pairs.push([decodeURIComponent(part.slice(0, at)), decodeURIComponent(part.slice(at + 1))])
    } catch {
      return undefined
    }
  }
  return pairs
}

/** The scopes over resources in a space-separated list; others are left out. */
export const parseScopes = (scope: string): readonly SmartScope[] =>
  scope.split(' ').flatMap((text) => parseScope(text) ?? [])
