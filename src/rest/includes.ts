/** Brings what `_include` and `_revinclude` ask for, each resource once: http://hl7.org/fhir/R4/search.html#revinclude */
import type { Ctx } from '../access/ctx.ts'
import { type Issue, warning } from '../base/issue.ts'
import type { FoundRow, Plan, Row } from '../search/index.ts'
import type { Bring } from './finder.ts'
import type { House } from './house.ts'
import { fillContents, sizeOf } from './page-bytes.ts'

/** `isWhole` is false when there was more than one answer may bring. */
export type Included = { readonly rows: readonly Row[]; readonly isWhole: boolean }

/** A version that a reference names may come beside the current one. */
const placeOf = ({ type, id, version }: FoundRow): string => `${type}/${id}/${version}`

/** Brings along what is kept elsewhere. */
const byKeepers = async (
  house: House,
  ctx: Ctx,
  ...found: Parameters<Bring>
): Promise<readonly FoundRow[]> => {
  const rows: FoundRow[] = []
  for (const keeper of house.keepers?.values() ?? []) rows.push(...(await keeper.bring(house, ctx, ...found)))
  return rows
}

/**
 * One statement for what the matches lead to, and with `:iterate` one more for each step from there, beside what is kept
 * elsewhere.
 */
export const bringIncluded = async (
  house: House,
  ctx: Ctx,
  plan: Plan,
  matches: readonly Row[],
): Promise<Included> => {
  const rows: Row[] = []
  if (plan.includes.length === 0) return { rows, isWhole: true }
  const { maxIncludes, maxPageBytes } = house.options
  const bytes = maxPageBytes - sizeOf(matches)
  const seen = new Set(matches.map(placeOf))
  let found = matches
  for (let isFirst = true; found.length > 0; isFirst = false) {
    // What was seen already may be found again, and must not take the place of what was not.
    const limit = maxIncludes - rows.length + seen.size + 1
    const statement = house.search.includeStatement(plan, { base: ctx.base, found, isFirst, limit })
    const kept = await byKeepers(house, ctx, plan, found, isFirst, limit)
    if (!statement && kept.length === 0) break
    const others = statement ? await house.store.select<FoundRow>(statement, ctx) : []
    const fresh = [...kept, ...others].filter((row) => !seen.has(placeOf(row)))
    for (const row of fresh) seen.add(placeOf(row))
    const room = { bytes: bytes - sizeOf(rows), first: false }
    const brought = await fillContents(house, ctx, fresh.slice(0, maxIncludes - rows.length), room)
    rows.push(...brought)
    if (fresh.length > brought.length) return { rows, isWhole: false }
    found = brought
  }
  return { rows, isWhole: true }
}

/** Says in the answer that something was left out of it. */
export const cutNote = (house: House): Issue =>
  warning(
    'too-costly',
    `At most ${house.options.maxIncludes} resources come along with the matches, as large as the page may be, and there are more: ask for smaller pages with "_count", or search for what should come along.`,
    'http._include',
  )
