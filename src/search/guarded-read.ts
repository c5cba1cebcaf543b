/** Reading one resource for somebody who sees a part of its type. */
import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import { type Condition, conjuncts } from './algebra.ts'
import { filter } from './condition-sql.ts'
import { noPlan } from './guard-sql.ts'
import { hashToken } from './hash.ts'
import { collect, type Statement, statement } from './statement.ts'

/**
 * How a resource is read. `tokens`: each is an array literal of hashes, one of which it must have; reads of this kind
 * can share a statement. `never`: it is out of sight whatever it says.
 */
export type GuardedRead =
  | { readonly kind: 'tokens'; readonly tokens: readonly string[] }
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'never' }

/** More groups, and more tokens in all, are not worth carrying beside each key. */
const mostGroups = 2
const mostTokens = 64

/** What one conjunct asks: one of the tokens, unless the resource is one of these. */
type Group = { readonly ids: ReadonlySet<string>; readonly tokens: readonly string[] }

/** Undefined for conditions on anything but ids and tokens. */
const groupOf = (condition: Condition): Group | undefined => {
  if (condition.kind === 'tokens') return { ids: new Set(), tokens: condition.any }
  if (condition.kind === 'ids') return { ids: new Set(condition.any.map(idKey)), tokens: [] }
  if (condition.kind !== 'some') return undefined
  const groups = condition.of.map(groupOf)
  if (!groups.every((group) => group !== undefined)) return undefined
  return {
    ids: new Set(groups.flatMap(({ ids }) => [...ids])),
    tokens: groups.flatMap(({ tokens }) => tokens),
  }
}

/** The groups all of which must be met; undefined where that is not all that the condition asks. */
const groupsOf = (condition: Condition): readonly Group[] | undefined => {
  const groups = new Map<string, Group>()
  for (const one of conjuncts(condition)) {
    const group = groupOf(one)
    if (!group) return undefined
    groups.set(JSON.stringify([[...group.ids], group.tokens]), group)
  }
  const tokens = [...groups.values()].reduce((sum, group) => sum + group.tokens.length, 0)
  return groups.size <= mostGroups && tokens <= mostTokens ? [...groups.values()] : undefined
}

const byTokens = (tenant: number, groups: readonly Group[]): ((id: string) => GuardedRead) => {
  const literals = groups.map(({ ids, tokens }) => ({
    ids,
    literal: `{${tokens.map((token) => hashToken(tenant, token)).join()}}`,
  }))
  const always: GuardedRead = { kind: 'tokens', tokens: literals.map(({ literal }) => literal) }
  if (literals.every(({ ids, literal }) => ids.size === 0 && literal !== '{}')) return () => always
  return (id) => {
    const key = idKey(id)
    const asked = literals.filter(({ ids }) => !ids.has(key)).map(({ literal }) => literal)
    return asked.includes('{}') ? { kind: 'never' } : { kind: 'tokens', tokens: asked }
  }
}

/** Made once for a type and a condition, for many ids. What is read is the current version, if it meets the condition. */
export const guardedRead = (
  tenant: number,
  type: string,
  condition: Condition,
): ((id: string) => GuardedRead) => {
  const groups = groupsOf(condition)
  if (groups) return byTokens(tenant, groups)
  const values = collect(tenant, typeNumber(type))
  const id = values.add('', 'uuid')
  const test = filter(condition, noPlan(tenant, [type]), values)
  const text = `select v.version, v.last_updated, v.method, v.content from resource r cross join lateral (select * from resource_version v where v.tenant = r.tenant and v.type = r.type and v.id = r.id and v.version = r.version offset 0) v where r.tenant = $1::int and r.type = $2::smallint and r.id = ${id} and ${test}`
  const made = statement(values.with(text), values.list)
  return (wanted) => ({
    kind: 'statement',
    statement: { ...made, values: made.values.with(2, idKey(wanted)) },
  })
}
