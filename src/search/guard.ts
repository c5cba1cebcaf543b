/** Narrows every set of rows that a search touches to what somebody may see: matches, chains, `_has`, hierarchies. */
import { combine } from './across.ts'
import { type Condition, conjuncts, every, type Link, some } from './algebra.ts'
import type { Plan } from './plan.ts'
import { type Guard, isNever, never } from './reach.ts'

/**
 * The plan for somebody who sees only a part. Estimates tell of rows that are not seen, so what is asked for as an
 * estimate is counted.
 */
export const guardPlan = (plan: Plan, guard: Guard): Plan => {
  const across = plan.across?.filter((type) => !isNever(guard(type)))
  const own = plan.across ? acrossGuard(across ?? [], guard) : guard(plan.type)
  return {
    ...plan,
    ...(across ? { across, type: across[0] ?? plan.type } : {}),
    where: [...plan.where.map((one) => guarded(one, guard)), ...(own ? conjuncts(own) : [])],
    total: plan.total === 'estimate' ? 'accurate' : plan.total,
  }
}

/** What may be seen of several types, none of which is out of sight as a whole; undefined for all of them. */
export const acrossGuard = (types: readonly string[], guard: Guard): Condition | undefined => {
  if (types.length === 0) return never
  if (types.every((type) => guard(type) === undefined)) return undefined
  return combine(new Map(types.map((type) => [type, guard(type) ?? every([])])))
}

/** The condition, with what it asks of other resources asked of those that may be seen. */
const guarded = (condition: Condition, guard: Guard): Condition => {
  switch (condition.kind) {
    case 'not':
      return Object.freeze({ kind: 'not', of: guarded(condition.of, guard) })
    case 'every':
      return every(condition.of.map((one) => guarded(one, guard)))
    case 'some':
      return some(condition.of.map((one) => guarded(one, guard)))
    case 'through': {
      const { inside } = condition
      const any = condition.any
        .map((link) => guardedLink(link, guard))
        .filter(({ where }) => !where.some(isNever))
      const within = inside && { ...inside, where: guarded(inside.where, guard) }
      // A link to nothing that may be seen leads nowhere, unless what it refers to is inside.
      if (any.length === 0) return within?.where ?? never
      return Object.freeze({ kind: 'through', any, ...(within ? { inside: within } : {}) })
    }
    case 'reverse':
      return Object.freeze({ kind: 'reverse', link: guardedLink(condition.link, guard) })
    case 'lineage': {
      const own = guard(condition.type)
      return own ? Object.freeze({ ...condition, where: [own] }) : condition
    }
    default:
      return condition
  }
}

const guardedLink = (link: Link, guard: Guard): Link => {
  const own = guard(link.type)
  return {
    ...link,
    where: [...link.where.map((one) => guarded(one, guard)), ...(own ? conjuncts(own) : [])],
  }
}
