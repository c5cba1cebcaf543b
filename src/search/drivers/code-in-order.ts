/**
 * Resources with a code in the order of their date: an index has both, so a page costs the same however many there are.
 * Only the parameter that says what a resource is about has such an index; see leading.ts.
 */
import type { Condition } from '../algebra.ts'
import { all, filter, typed } from '../condition-sql.ts'
import { hashToken } from '../hash.ts'
import { isLeadingCode, severalCodes } from '../leading.ts'
import { afterCursor, orderBy } from '../order-sql.ts'
import { columns, ofType } from '../row-sql.ts'
import { streamedByDate } from '../sort-sql.ts'
import { type Driver, isPrimaryDate, type Search } from './driver.ts'
import { filterInOrder } from './window.ts'

/** Of more codes each would need branches of its own. */
const most = 4

type Codes = Condition & { readonly kind: 'tokens' }

const isCodes = (type: string, condition: Condition): condition is Codes =>
  condition.kind === 'tokens' &&
  condition.any.length > 0 &&
  condition.any.length <= most &&
  condition.any.every((token) => isLeadingCode(type, token))

const leader = ({ plan, where }: Search): Codes | undefined =>
  plan.sort.by === 'date' ? where.find((one) => isCodes(plan.type, one)) : undefined

/** The resources that have the code in one of the two places. */
const inPlaces = (search: Search, code: string): readonly string[] => {
  const { plan, where, values, limit } = search
  const dates = where.filter(isPrimaryDate)
  const others = where.filter((condition) => !isPrimaryDate(condition))
  return [2, 3].map((at) => {
    const filters = others.map((condition) => filterInOrder(condition, search))
    const place = `r.tokens[${at}]`
    const lead = `${place} = ${code} and (${place} & -16) <> -16`
    const among = [...filters, `${place} = ${code}`]
    return streamedByDate(plan, dates, among, { columns, extra: '', ofType, lead, limit }, values.add)
  })
}

/** Those that have more codes than places: few, and found by all of their tokens. */
const crowded = (search: Search, code: string): string => {
  const { plan, where, values, limit } = search
  const filters = where.map((condition) => filter(condition, plan, values))
  return `select ${columns} from resource r where ${all([`r.tokens @> array[${code}, ${severalCodes}::bigint]`, typed({ kind: 'tokens', any: [], rank: 'many' }, '$2::smallint'), ...filters, ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
}

export const codeInOrder: Driver = {
  name: 'code in order',
  leads: (search) => leader(search) !== undefined,
  rows: (search) => {
    const codes = leader(search)
    if (!codes) throw new Error('no condition is one on codes')
    const rest = { ...search, where: search.where.filter((condition) => condition !== codes) }
    const branches = codes.any.flatMap((token) => {
      const code = search.values.add(hashToken(search.plan.tenant, token), 'bigint')
      return [...inPlaces(rest, code), crowded(rest, code)]
    })
    // A resource may have two of the codes.
    return `select ${columns} from (${branches.map((one) => `(${one})`).join(' union ')}) r order by ${orderBy(search.plan)} limit ${search.limit}`
  },
}
