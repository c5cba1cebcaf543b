/** The entries of contained resources alone: http://hl7.org/fhir/R4/search.html#contained */
import type { Ctx } from '../access/ctx.ts'
import { containedTexts } from '../fhir/json/contained.ts'
import { memberOf } from '../fhir/json/stamp.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { typeName } from '../fhir/resource-types.ts'
import type { Plan, Row } from '../search/index.ts'
import type { EntryText } from './bundle-text.ts'
import type { House } from './house.ts'
import { cutter } from './steps/shape.ts'

/** Of each match what is meant: the resources in it, under its URL with `#` and their id, and it itself. */
export const containedEntries = (
  house: House,
  ctx: Ctx,
  asked: NonNullable<Plan['contained']>,
  rows: readonly Row[],
  shape: Plan['shape'],
): EntryText[] => {
  const cut = cutter(house, asked.type, shape) ?? ((text: string) => text)
  return rows.flatMap((row) => {
    const type = typeName(row.type) ?? ''
    const id = row.fhir_id ?? row.id
    const match = { type, id, lastUpdated: row.last_updated }
    const content = JSON.parse(row.content) as JsonObject
    const { self, places } = house.search.contained(asked, match, content, ctx.base)
    const url = `${ctx.base}/${type}/${id}`
    const entry = (fullUrl: string, text: string): EntryText => ({
      fullUrl,
      resource: cut(text),
      search: { mode: 'match' },
    })
    const texts = places.length > 0 ? containedTexts(row.content) : []
    return [
      ...(self ? [entry(url, row.content)] : []),
      ...places.flatMap((place) => {
        const text = texts[place]
        return text === undefined ? [] : [entry(`${url}#${memberOf(text, 'id') ?? ''}`, text)]
      }),
    ]
  })
}
