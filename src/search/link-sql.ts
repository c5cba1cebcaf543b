/** Chains and `_has` as SQL: the token of a reference is made from the row that it points at. See decision 0016. */
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition, Inside, Link } from './algebra.ts'
import { inOrder } from './cost.ts'
import { hashToken } from './hash.ts'
import { placeOf } from './leading.ts'

/** What a condition on links needs of the statement around it. `r` is the row that is asked about. */
export type LinkContext = {
  readonly tenant: number
  /** Type of the row that is asked about. */
  readonly type: string
  add(value: unknown, type: string): string
  /** Puts a query in front of the statement, once for each key, and gives its name. */
  define(key: object, make: () => string): string
  /** Selects from rows `r` of a type that meet the conditions, by the best index. */
  rows(type: string, where: readonly Condition[], selected: string): string
  /** The conditions as filters of a row `r`, which no index is to serve. */
  filters(type: string, where: readonly Condition[]): readonly string[]
}

type Through = Condition & { readonly kind: 'through' }
type Reverse = Condition & { readonly kind: 'reverse' }

/** The hash of what stands before the id in a reference's token: `reference_token` combines it with the id. */
const prefixValue = (context: LinkContext, { prefix }: Link): string =>
  context.add(hashToken(context.tenant, prefix), 'bigint')

/** Neither can be compared by an index: the index of tokens, or of keys, is the one to follow. */
const ofType = (context: LinkContext, type: string): string =>
  `r.tenant + 0 = $1::int and r.type + 0 = ${context.add(typeNumber(type), 'smallint')}`

/** Selects the tokens of references to all resources that the links may lead to. */
const targets = (condition: Through, context: LinkContext): string =>
  condition.any
    .map((link) => {
      const prefix = prefixValue(context, link)
      return context.rows(link.type, link.where, `reference_token(${prefix}, r.id) as token`)
    })
    .join(' union all ')

/** These tokens as one array. */
const targetTokens = (condition: Through, context: LinkContext): string =>
  context.define(condition, () => `select array(${targets(condition, context)}) as tokens`)

/** Up to so many targets, each of which is one lookup. */
const fewTargets = 300

/** Whether there are few targets: tells it without gathering all where that takes long. */
export const hasFewTargets = (condition: Through, context: LinkContext): string => {
  if (!isWorthFollowing(condition))
    return `(select cardinality(tokens) from ${targetTokens(condition, context)}) <= ${fewTargets}`
  const rows = context.define(condition.any, () => targets(condition, context))
  context.define(condition, () => `select array(select token from ${rows}) as tokens`)
  return isNoMoreThan(fewTargets, rows, condition.any[0] ?? condition, context)
}

/** Whether there are no more rows than that: reads one more of them at most, and once for each key. */
const isNoMoreThan = (most: number, rows: string, key: object, context: LinkContext): string => {
  const name = context.define(
    key,
    () => `select count(*) <= ${most} as few from (select from ${rows} limit ${most + 1}) t`,
  )
  return `(select few from ${name})`
}

/** Whether the reference has its place, so that following it is one lookup, and gathering the targets follows others. */
export const isWorthFollowing = ({ any: [link, ...others] }: Through): boolean => {
  if (link === undefined || others.length > 0 || placeOf(link.prefix) === undefined) return false
  return inOrder(link.where)[0]?.kind === 'through'
}

/** The rows that refer to one of the targets, without going back to them by their ids; a row may come twice. */
export const throughRows = (
  condition: Through,
  context: LinkContext,
  selected: string,
  others: readonly Condition[],
): string => {
  const tokens = targetTokens(condition, context)
  const conditions = [ofType(context, context.type), ...context.filters(context.type, others)].join(' and ')
  const referring = `select ${selected} from unnest((select tokens from ${tokens})) k(token) cross join lateral (select * from resource r where r.tokens @> array[k.token] and ${conditions} offset 0) r`
  const { inside } = condition
  if (!inside) return referring
  const containing = context.rows(context.type, [inside.where, ...others], selected)
  return `${referring} union all (select x.* from (${containing}) x where ${hasInside(inside, context)})`
}

/**
 * Rows that refer to one of the targets. As a filter, a hash table of the tokens is probed: made of an array, as the
 * planner takes those for small, and must not be turned into a join, hence `is true` and `offset 0`.
 */
export const throughFilter = (
  condition: Through,
  context: LinkContext,
  options: { readonly lookUp: boolean },
): string => {
  const tokens = targetTokens(condition, context)
  if (!options.lookUp) return orInside(refersToOne(condition, tokens), condition, context)
  const referring = `select r.id from unnest((select tokens from ${tokens})) k(token) cross join lateral (select r.id from resource r where r.tokens @> array[k.token] and ${ofType(context, context.type)} offset 0) r`
  const { inside } = condition
  if (!inside) return `r.id = any(array(${referring}))`
  const containing = `select x.id from (${context.rows(context.type, [inside.where], 'r.id')}) x where ${hasInside(inside, context)}`
  return `r.id = any(array(${referring} union all (${containing})))`
}

/** Up to so many targets, comparing each with all tokens of a row costs less than a hash table. */
const handful = 8

/** Whether the row refers to one of the targets, looked for where the reference stands if it has a place. */
const refersToOne = ({ any }: Through, targets: string): string => {
  const isTarget = (token: string): string => `(${token} in (select unnest(tokens) from ${targets})) is true`
  const hashed = `exists (select from (select unnest(r.tokens) as token) k where ${isTarget('k.token')} offset 0)`
  const anywhere = `case when (select cardinality(tokens) from ${targets}) <= ${handful} then r.tokens && (select tokens from ${targets}) else ${hashed} end`
  const [link] = any
  const place = link && any.length === 1 ? placeOf(link.prefix) : undefined
  if (!place) return anywhere
  return `case when r.tokens[${place.at}] = ${place.several} then ${anywhere} else ${isTarget(`r.tokens[${place.at}]`)} end`
}

/** Whether any row refers to contained resources by the parameter: where none does, nothing is looked for in them. */
const hasInside = (inside: Inside, context: LinkContext): string => {
  const name = context.define(inside, () => {
    const token = context.add(hashToken(context.tenant, inside.marker), 'bigint')
    return `select exists (select from resource r where r.tokens @> array[${token}]) as there`
  })
  return `(select there from ${name})`
}

const orInside = (filter: string, { inside }: Through, context: LinkContext): string => {
  if (!inside) return filter
  const holds = context.filters(context.type, [inside.where]).join(' and ')
  return `(${filter} or (${hasInside(inside, context)} and ${holds}))`
}

/**
 * The same as a filter that does not gather the targets first: every token of the row is tried for the target that it
 * may be a reference to. Some 20 lookups a row, or one where the reference has its place.
 */
export const throughProbe = (condition: Through, context: LinkContext): string => {
  const parts = condition.any.map((link) => {
    const isTarget = `reference_token(0, r.id) = k.token # ${prefixValue(context, link)}`
    const filters = [isTarget, ofType(context, link.type), ...context.filters(link.type, link.where)]
    return `exists (select from (select ${tokensAt(link.prefix)} as token) k cross join lateral (select from resource r where ${filters.join(' and ')} offset 0) o offset 0)`
  })
  const any = parts.length === 1 ? (parts[0] ?? 'false') : `(${parts.join(' or ') || 'false'})`
  return orInside(any, condition, context)
}

/** What stands in a place of `r.tokens`, or all of them where that says that there are several. */
const tokensAt = (prefix: string): string => {
  const place = placeOf(prefix)
  if (!place) return 'unnest(r.tokens)'
  return `unnest(case when r.tokens[${place.at}] = ${place.several} then r.tokens else r.tokens[${place.at}:${place.at}] end)`
}

/** Tokens of the matching resources, among them those of the references. */
const referringTokens = ({ link }: Reverse, context: LinkContext): string =>
  context.rows(link.type, link.where, `${tokensAt(link.prefix)} as token`)

/** Selects from the rows `r` that the tokens of `from` refer to, by the index of keys. */
const referredRows = (
  { link }: Reverse,
  context: LinkContext,
  from: string,
  selected: string,
  filters: readonly string[] = [],
): string => {
  const conditions = [
    `reference_token(0, r.id) = k.token # ${prefixValue(context, link)}`,
    ofType(context, context.type),
    ...filters,
  ]
  return `select ${selected} from (select distinct t.token from (${from}) t) k cross join lateral (select * from resource r where ${conditions.join(' and ')} offset 0) r`
}

/**
 * Rows that a matching resource refers to: as a filter, the index of tokens is asked for each row; to look them up,
 * the tokens of the matching resources are tried for the row that they may be a reference to.
 */
export const reverseFilter = (
  condition: Reverse,
  context: LinkContext,
  options: { readonly lookUp: boolean },
): string => {
  const { link } = condition
  if (options.lookUp)
    return `r.id = any(array(${referredRows(condition, context, referringTokens(condition, context), 'r.id')}))`
  return referredTo(link, context, context.filters(link.type, link.where))
}

/** Whether a row that meets the filters refers to the row `r`, by the index of tokens. */
const referredTo = (link: Link, context: LinkContext, filters: readonly string[]): string => {
  const prefix = prefixValue(context, link)
  const conditions = [ofType(context, link.type), ...filters].join(' and ')
  return `exists (select from (select r.id as key offset 0) x cross join lateral (select from resource r where r.tokens @> array[reference_token(${prefix}, x.key)] and ${conditions} offset 0) o offset 0)`
}

/** The same rows without going back to them by their ids; what refers to them is gathered. */
export const reverseRows = (
  condition: Reverse,
  context: LinkContext,
  selected: string,
  filters: readonly string[],
): string => referredRows(condition, context, gather(condition, context, 'inside').all(), selected, filters)

type Depth = 'direct' | 'inside'

/**
 * How many tokens of referrers are gathered: of a reference in its place, or of all that they have. Of more than so many
 * that lead to referrers, asking rows for both costs less.
 */
const mostTokens = (prefix: string, depth: Depth): number =>
  placeOf(prefix) ? { direct: 4000, inside: 1600 }[depth] : 20_000

type Gathered = {
  /** How many tokens there are. */
  readonly count: string
  /** Whether these are the tokens of all matching resources. */
  readonly isWhole: string
  /** Whether the row `r` is referred to, by what was gathered. */
  readonly test: () => string
  /** The tokens of all matching resources, whether or not all were gathered. */
  readonly all: () => string
}

/**
 * The matching resources with the token of the reference, and, of those that have several, with all of their tokens:
 * read no further than somebody asks, and by all that ask.
 */
const tokenRows = ({ link }: Reverse, context: LinkContext, depth: Depth): string => {
  const place = placeOf(link.prefix)
  const selected = place
    ? `r.tokens[${place.at}] as token, case when r.tokens[${place.at}] = ${place.several} then r.tokens end as more`
    : 'unnest(r.tokens) as token'
  return context.define(
    link.where,
    () => `${context.rows(link.type, link.where, selected)} limit ${mostTokens(link.prefix, depth) + 1}`,
  )
}

/** Gathers the tokens of the matching resources once, unless they are too many. */
const gather = (condition: Reverse, context: LinkContext, depth: Depth): Gathered => {
  const name = context.define(condition.link, () => {
    const rows = tokenRows(condition, context, depth)
    const several = placeOf(condition.link.prefix)
      ? ` || array(select unnest(more) from ${rows} where more is not null)`
      : ''
    return `select array(select token from ${rows})${several} as tokens`
  })
  return gathered(condition, context, name, mostTokens(condition.link.prefix, depth))
}

const gathered = (condition: Reverse, context: LinkContext, name: string, most: number): Gathered => {
  const count = `(select cardinality(tokens) from ${name})`
  const isWhole = `${count} <= ${most}`
  return {
    count,
    isWhole,
    test: () =>
      `(reference_token(${prefixValue(context, condition.link)}, r.id) in (select unnest(tokens) from ${name})) is true`,
    all: () =>
      `select token from unnest((select tokens from ${name})) token where ${isWhole} union all select token from (${referringTokens(condition, context)}) u where not ${isWhole}`,
  }
}

/** Up to so many referrers are gathered before anything else is tried, and so many that lead to them. */
const few = { direct: 300, inside: 500 } as const
/** How many rows may be asked for their referrers instead: what is inside is gathered already, the rest costs more. */
const patience = { direct: 200, inside: 400 } as const

export type Referrers = Gathered & {
  /** Whether there are so few that gathering them is the best. */
  readonly isFew: string
  /** How many rows may be asked with `probe` before gathering is cheaper. */
  readonly patience: number
  /** Whether the row `r` is referred to, by the index of tokens: without gathering its referrers. */
  readonly probe: string
  /** Ids of the rows that are referred to. */
  readonly ids: string
}

/** What refers to rows: asked of one row after another, or gathered. */
export const referrers = (condition: Reverse, context: LinkContext): Referrers => {
  const { link } = condition
  const [first] = inOrder(link.where)
  const inside = first?.kind === 'reverse' ? gather(first, context, 'inside') : undefined
  const found = gather(condition, context, 'direct')
  return {
    ...found,
    patience: inside ? patience.inside : patience.direct,
    isFew: inside
      ? `${inside.count} <= ${few.inside}`
      : isNoMoreThan(few.direct, tokenRows(condition, context, 'direct'), condition, context),
    probe: probe(condition, context, inside && first?.kind === 'reverse' ? { first, inside } : undefined),
    ids: referredRows(condition, context, found.all(), 'r.id'),
  }
}

/** Asks the index of tokens for the referrers of a row. What they must be referred to by is gathered before. */
const probe = (
  { link }: Reverse,
  context: LinkContext,
  nested: { readonly first: Reverse; readonly inside: Gathered } | undefined,
): string => {
  if (!nested) return referredTo(link, context, context.filters(link.type, link.where))
  const { first, inside } = nested
  const others = link.where.filter((one) => one !== first)
  const test = `case when ${inside.isWhole} then ${inside.test()} else ${reverseFilter(first, context, { lookUp: false })} end`
  return referredTo(link, context, [test, ...context.filters(link.type, others)])
}
