/** How many contained resources a search means: http://hl7.org/fhir/R4/search.html#contained */
import type { Ctx } from '../access/ctx.ts'
import { type Problem, tooCostly } from '../base/problem.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { typeName } from '../fhir/resource-types.ts'
import type { FoundRow, Plan } from '../search/index.ts'
import type { House } from './house.ts'
import { fillContents } from './page-bytes.ts'

/**
 * The index knows what contains them, and only each container how many there are in it: all are looked at, so there
 * may be as many as a page has at most. Throws 403 when there are more.
 */
export const containedTotal = async (
  house: House,
  ctx: Ctx,
  { cursor: _, ...plan }: Plan,
  asked: NonNullable<Plan['contained']>,
): Promise<number> => {
  const { maxCount, maxPageBytes } = house.options
  const all: Plan = {
    ...plan,
    count: maxCount,
    sort: { by: 'id', descending: false },
    shape: { summary: 'false' },
  }
  const found = await house.store.select<FoundRow>(house.search.statement(all), ctx)
  const rows = await fillContents(house, ctx, found, { bytes: maxPageBytes, first: true })
  if (found.length > maxCount || rows.length < found.length) throw tooMany()
  return rows.reduce((total, row) => {
    const match = {
      type: typeName(row.type) ?? '',
      id: row.fhir_id ?? row.id,
      lastUpdated: row.last_updated,
    }
    const content = JSON.parse(row.content) as JsonObject
    const { self, places } = house.search.contained(asked, match, content, ctx.base)
    return total + places.length + (self ? 1 : 0)
  }, 0)
}

const tooMany = (): Problem =>
  tooCostly(
    'Too many resources contain matches for these to be counted one by one: ask for less, or count what contains them with _containedType=container.',
    'http._containedType',
  )
