/** A page of a search as one statement. */
import { typeNumber } from '../fhir/resource-types.ts'
import { driven } from './drivers/index.ts'
import { orderBy } from './order-sql.ts'
import type { Plan } from './plan.ts'
import { columns, lastUpdated, sizeFor, smallContent } from './row-sql.ts'
import { scoreText } from './score-sql.ts'
import { keyNames } from './sort-sql.ts'
import { collect, type Statement, statement, type Values } from './statement.ts'
import { tokensOfTexts } from './text-sql.ts'

/** What a cursor must know of a row beside its id. */
export const place = (plan: Plan): string => {
  if (plan.sort.by === 'date') return ', (extract(epoch from r.date_low) * 1000)::float8 as place'
  if (plan.sort.by === 'values') return `, json_build_array(${keyNames(plan.sort.keys)})::text as place`
  return ''
}

/** How well the row fits the words that were asked for, in searches for words. */
export const scored = ({ asks }: Plan, values: Values): string =>
  asks ? `, ${scoreText(asks, values.add, (ask) => tokensOfTexts(ask, values))} as score` : ''

/** One page and one row more; the rows are `FoundRow` of page.ts, or `Row` with the whole `content`. */
export const pageStatement = (plan: Plan, selected = smallContent): Statement => {
  const values = collect(plan.tenant, typeNumber(plan.type))
  const wanted = plan.count + 1
  const found = driven(plan, values, String(sizeFor(wanted)))
  const keys = plan.sort.by === 'values' ? `, ${keyNames(plan.sort.keys)}` : ''
  const text = `select r.type, r.id, r.fhir_id, r.version, ${lastUpdated}, ${selected}${place(plan)}${scored(plan, values)} from (select $2::smallint as type, ${columns}${keys} from (${found}) r order by ${orderBy(plan)} limit ${values.add(wanted, 'int')}) r order by ${orderBy(plan)}`
  return statement(values.with(text), values.list)
}
