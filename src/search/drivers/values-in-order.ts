/**
 * What the index of values finds, in the order of the ids: the index has them, so only the rows of the page are looked
 * at. Where the first rows in order promise to fill the page they are asked instead, and always when there are too many.
 */
import type { Condition } from '../algebra.ts'
import { all, filter } from '../condition-sql.ts'
import { cost, ranks } from '../cost.ts'
import { isDescending } from '../order-sql.ts'
import { columns, ofType } from '../row-sql.ts'
import { isRowCondition, looksThrough, type RowCondition, rowIds } from '../value-sql.ts'
import type { Driver, Search } from './driver.ts'
import { streamed } from './stream.ts'

/** Up to so many entries of the index are sorted. */
const most = 5000
/** How many rows in order are looked at before. */
const glance = 1200
/** How many of them must promise to fill the page, unless the code of a row tells at once that it has no such value. */
const peek = 100
/** How many when the index has too many. */
const window = 4000

/** A row whose value belongs to a code has the code among its tokens. */
const codes: Readonly<Record<string, string>> = {
  'Observation.value-quantity': 'Observation.code',
  'Observation.component-value-quantity': 'Observation.component-code',
}
/** A code, or system|code; what has an escape is left to the values. */
const form = /^(?:[^|\\$]*\|)?[^|\\$]+$/

/** What the tokens tell of a condition on values of a code: less to look at than the values. */
const told = (condition: RowCondition): Condition | undefined => {
  if (condition.kind !== 'quantities') return undefined
  const [parameter = '', ...others] = condition.parameters
  const prefix = codes[parameter]
  const texts = condition.any.map(({ code, coded }) => coded ?? code ?? '')
  if (prefix === undefined || others.length > 0 || !texts.every((text) => form.test(text))) return undefined
  return { kind: 'tokens', any: [...new Set(texts.map((text) => `${prefix}|${text}`))], rank: 'many' }
}

const isToken = ({ kind }: Condition): boolean => kind === 'tokens'

const rows = (search: Search, first: RowCondition): string => {
  const { plan, where, values, limit } = search
  const { cursor } = plan
  const direction = isDescending(plan) ? ' desc' : ''
  const beyond = isDescending(plan) ? '<' : '>'
  const after = cursor ? ` where x.id ${beyond} ${values.add(cursor.key, 'uuid')}` : ''
  const ids = rowIds(first, plan.tenant, values.add)
  const others = where.filter((condition) => condition !== first)
  const row = (filters: readonly string[]): string =>
    `cross join lateral (select * from resource r where ${all([ofType, 'r.id = k.id', ...filters])} offset 0) r`
  const found = (from: string, filters: readonly string[], when: string): string =>
    `select ${columns} from (select distinct x.id from (${from}) x${after} order by x.id${direction}) k ${row(filters)} where ${when} order by k.id${direction} limit ${limit}`
  const filters = others.map((condition) => filter(condition, plan, values))
  const hint = told(first)
  // What costs least stands first.
  const tests = [...(hint ? [hint] : []), ...others.filter(isToken), ...where.filter((one) => !isToken(one))]
  const ok = `, (${all(tests.map((condition) => filter(condition, plan, values)))}) as ok`
  const inOrder = (size: number, when: string): string =>
    `select ${columns} from (${streamed({ ...search, where: [], limit: String(size) }, ok)}) r where r.ok and ${when} order by r.id${direction} limit ${limit}`
  const isFull = (name: string): string => `(select count(*) from ${name}) = ${limit}`
  const isFew = `(select count(*) from v) <= ${most}`
  // Measured values that many have fill the page at once, and so do one or two letters; other strings are those of few.
  const isLikely = cost(first) > ranks.few || looksThrough(first)
  const promises = hint ? String(isLikely) : `(select count(*) from p) * ${glance / peek} >= ${limit}`
  return [
    `with p as materialized (${inOrder(peek, String(isLikely && !hint))})`,
    `g as materialized (${inOrder(glance, promises)})`,
    `v as materialized (select x.id from (${ids}) x where not ${isFull('g')} limit ${most + 1})`,
    `f as materialized (${found('select v.id from v', filters, `not ${isFull('g')} and ${isFew}`)})`,
    `h as materialized (${inOrder(window, `not ${isFull('g')} and not ${isFew}`)})`,
    `m as materialized (${found(ids, filters, `not ${isFull('g')} and not ${isFew} and not ${isFull('h')}`)})`,
  ]
    .join(', ')
    .concat(
      ` select ${columns} from g r where ${isFull('g')} union all select ${columns} from f r union all select ${columns} from h r where ${isFull('h')} union all select ${columns} from m r`,
    )
}

const leader = ({ plan, where: [first] }: Search): RowCondition | undefined =>
  plan.sort.by === 'key' && first && isRowCondition(first) && cost(first) < ranks.most ? first : undefined

export const valuesInOrder: Driver = {
  name: 'values in order',
  leads: (search) => leader(search) !== undefined,
  rows: (search) => {
    const first = leader(search)
    if (!first) throw new Error('no condition is one on values')
    return rows(search, first)
  },
}
