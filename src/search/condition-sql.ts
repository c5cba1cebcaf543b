/** A condition as SQL: a filter of rows `r`, or what an index looks up. */

import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition } from './algebra.ts'
import { canLookUp, inOrder } from './cost.ts'
import { lineageFilter } from './lineage-sql.ts'
import { type LinkContext, reverseFilter, reverseRows, throughFilter, throughRows } from './link-sql.ts'
import { nearFilter } from './near-sql.ts'
import type { Plan } from './plan.ts'
import { bitValue } from './presence.ts'
import type { Values } from './statement.ts'
import { textsFilter } from './text-sql.ts'
import { tokensFilter } from './token-sql.ts'
import { updatedFilter } from './updated-sql.ts'
import { isValueCondition, valueFilter } from './value-sql.ts'

/** A condition as a filter. `lookUp` lets the index of tokens serve it, which otherwise must not be chosen: its cost is unknown to a prepared statement. */
export const filter = (
  condition: Condition,
  plan: Plan,
  values: Values,
  options = { lookUp: false },
): string => {
  if (condition.kind === 'texts') return textsFilter(condition, values, options)
  if (condition.kind === 'near') return nearFilter(condition, values)
  if (condition.kind === 'ids') return `r.id = any(${values.add(condition.any.map(idKey), 'uuid[]')})`
  if (condition.kind === 'updated') return updatedFilter(condition, 'r.last_updated', values)
  if (condition.kind === 'present')
    return `(r.tokens[1] & ${values.add(bitValue(condition.bit), 'bigint')}) <> 0`
  // A comparison with an absent value is unknown, which is not true: its negation holds.
  if (condition.kind === 'not') return `(${filter(condition.of, plan, values)}) is not true`
  if (condition.kind === 'every' || condition.kind === 'some') {
    const type = condition.kind === 'every' ? onlyType(condition.of) : undefined
    if (type !== undefined && type !== plan.type) return filter(condition, { ...plan, type }, values, options)
    if (options.lookUp && condition.of.length > 0 && canLookUp(condition))
      return lookUpGroup(condition, plan, values)
    const parts = condition.of.map((one) => `(${filter(one, plan, values)})`)
    if (parts.length === 0) return condition.kind === 'every' ? 'true' : 'false'
    return `(${parts.join(condition.kind === 'every' ? ' and ' : ' or ')})`
  }
  if (condition.kind === 'types')
    return `r.type = any(${values.add(condition.any.map(typeNumber), 'smallint[]')})`
  if (condition.kind === 'through') return throughFilter(condition, linkContext(plan, values), options)
  if (condition.kind === 'reverse') return reverseFilter(condition, linkContext(plan, values), options)
  if (condition.kind === 'lineage')
    return lineageFilter(condition, values, plan.tenant, () =>
      (condition.where ?? []).map((one) => filter(one, { ...plan, type: condition.type }, values)),
    )
  if (isValueCondition(condition)) return valueFilter(condition, plan.tenant, values.add, options)
  return tokensFilter(condition, plan.tenant, values, options)
}

/** Of several types that are searched, the one that these conditions are about. */
const onlyType = (all: readonly Condition[]): string | undefined => {
  const [first] = all
  return first?.kind === 'types' && first.any.length === 1 ? first.any[0] : undefined
}

/** Of conditions that all hold one is looked up; of alternatives each is, and what they find is put together. */
const lookUpGroup = (
  condition: Condition & { kind: 'every' | 'some' },
  plan: Plan,
  values: Values,
): string => {
  if (condition.kind === 'every') {
    const parts = inOrder(condition.of)
    const first = parts.find(canLookUp)
    return `(${all(parts.map((one) => filter(one, plan, values, { lookUp: one === first })))})`
  }
  const number = plan.across ? '$2::smallint[]' : values.add(typeNumber(plan.type), 'smallint')
  const types = plan.across ? `any(${number})` : number
  const found = condition.of.map(
    (one) =>
      `select r.id from resource r where ${typed(one, types)} and ${filter(one, plan, values, { lookUp: true })}`,
  )
  const ids = `r.id = any(array(${found.join(' union all ')}))`
  // Resources of different types may share an id.
  return plan.across ? `${ids} and ${filter(condition, plan, values)}` : ids
}

/** What the conditions at the other end of a link need of the statement. */
export const linkContext = (plan: Plan, values: Values): LinkContext => {
  const of = (type: string): Plan => ({ ...plan, type })
  return {
    tenant: plan.tenant,
    type: plan.type,
    add: values.add,
    define: values.define,
    filters: (type, where) => where.map((condition) => filter(condition, of(type), values)),
    rows: (type, where, selected) => {
      const sorted = inOrder(where)
      const [first, ...others] = sorted
      if (first?.kind === 'reverse') {
        const context = linkContext(of(type), values)
        return reverseRows(first, context, selected, context.filters(type, others))
      }
      if (first?.kind === 'through')
        return throughRows(first, linkContext(of(type), values), selected, others)
      const filters = sorted.map((condition, index) =>
        filter(condition, of(type), values, { lookUp: index === 0 }),
      )
      const ofType = typed(sorted[0], values.add(typeNumber(type), 'smallint'))
      return `select ${selected} from resource r where ${[ofType, ...filters].join(' and ')}`
    },
  }
}

/**
 * The tenant and the type of rows that `first` is to find. A token tells both: as sums they do not tempt the planner to
 * go through the whole type by the primary key as well.
 */
export const typed = (first: Condition | undefined, types: string): string =>
  first && leadsByToken(first)
    ? `r.tenant + 0 = $1::int and r.type + 0 = ${types}`
    : `r.tenant = $1::int and r.type = ${types}`

const leadsByToken = (condition: Condition): boolean => {
  if (condition.kind !== 'every') return condition.kind === 'tokens' || condition.kind === 'texts'
  const first = inOrder(condition.of).find(canLookUp)
  return first !== undefined && leadsByToken(first)
}
/** All of the conditions. */
export const all = (conditions: readonly string[]): string => conditions.join(' and ')
