/** Which link in an entry means which resource once the transaction is done: http://hl7.org/fhir/R4/bundle.html#references */
import type { Ctx } from '../../access/ctx.ts'
import { issue } from '../../base/issue.ts'
import { multipleMatches, Problem } from '../../base/problem.ts'
import type { Condition, Row } from '../../search/index.ts'
import { keyText, type Reader } from '../../store/index.ts'
import type { House } from '../house.ts'
import { conditionalReference, referencesIn } from '../references.ts'
import { lookUpAll, matchesOf, readCondition } from './conditions.ts'
import { createPendingSet, pendingOf } from './pending.ts'
import { forEachEntry, type Place } from './place.ts'
import { countUpdates, type SettledEntry } from './settle.ts'

/** The new literal reference for a link; undefined for one that stays. */
export type Target = (link: string) => string | undefined

const restful = /^(.*\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[^/]+)?$/

/** `http://other/fhir/` of `http://other/fhir/Patient/1`: relative references in that entry start there. */
const rootOf = (fullUrl: string | undefined): string | undefined =>
  fullUrl === undefined ? undefined : restful.exec(fullUrl)?.[1]

/** fullUrl → `Type/id`. Two entries with one fullUrl are refused, for nobody could tell which one a link means. */
export const linkMap = (entries: readonly SettledEntry[], place: Place): ReadonlyMap<string, string> => {
  const map = new Map<string, string>()
  const owner = new Map<string, number>()
  for (const { fullUrl, key, index } of entries) {
    if (fullUrl === undefined) continue
    const other = owner.get(fullUrl)
    if (other !== undefined)
      throw place(
        index,
        new Problem(400, [
          issue(
            'duplicate',
            `Entries ${other} and ${index} have the same fullUrl; each entry needs its own.`,
          ),
        ]),
      )
    owner.set(fullUrl, index)
    map.set(fullUrl, keyText(key))
  }
  return map
}

/** The links of one entry. Conditional references come resolved. */
export const targetOf = (
  map: ReadonlyMap<string, string>,
  conditional: ReadonlyMap<string, string>,
  fullUrl: string | undefined,
): Target => {
  const root = rootOf(fullUrl)
  return (link) =>
    map.get(link) ?? conditional.get(link) ?? (root === undefined ? undefined : map.get(root + link))
}

type Asked = { readonly reference: string; readonly condition: Condition; readonly index: number }

const askedIn = async (
  house: House,
  ctx: Ctx,
  entries: readonly SettledEntry[],
  place: Place,
): Promise<Map<string, Asked>> => {
  const asked = new Map<string, Asked>()
  const updates = countUpdates(entries)
  const suspects = entries.filter(({ json }) => json?.text.includes('?'))
  await forEachEntry(suspects, place, async ({ json, index }) => {
    for (const reference of referencesIn(json!.text)) {
      const conditional = conditionalReference(reference)
      if (!conditional || asked.has(reference)) continue
      const condition = await readCondition(
        house,
        ctx,
        conditional.type,
        conditional.query,
        updates.get(conditional.type) ?? 0,
      )
      asked.set(reference, { reference, condition, index })
    }
  })
  return asked
}

/** Resolves `Patient?identifier=1` to `Patient/7` for all entries at once. Throws 412 when one selects none or several. */
export const conditionalReferences = async (
  house: House,
  ctx: Ctx,
  reader: Reader,
  entries: readonly SettledEntry[],
  place: Place,
): Promise<ReadonlyMap<string, string>> => {
  const asked = [...(await askedIn(house, ctx, entries, place)).values()]
  if (asked.length === 0) return new Map()
  const rows: Row[][] = await lookUpAll(
    house,
    ctx,
    reader,
    asked.map(({ condition }) => condition),
  )
  const types = new Set(asked.map(({ condition }) => condition.plan.type))
  const writing = entries.filter(
    ({ act, key, json }) => (act === 'create' || act === 'update') && json && types.has(key.type),
  )
  const pending = createPendingSet(writing.map(({ key, json }) => pendingOf(house, ctx, key, json!.value)))
  const resolved = new Map<string, string>()
  const items = asked.map((item, n) => ({ ...item, rows: rows[n]! }))
  await forEachEntry(items, place, ({ reference, condition, rows: found }) => {
    const matches = matchesOf(house, ctx, condition, found, pending)
    const { type } = condition.plan
    if (matches.length > 1)
      throw multipleMatches(`A conditional reference selects more than one ${type}; make it narrower.`)
    const [match] = matches
    if (!match)
      throw new Problem(412, [
        issue(
          'not-found',
          `A conditional reference selects no ${type}; create it first or put it into this transaction.`,
        ),
      ])
    resolved.set(reference, keyText(match.key))
  })
  return resolved
}
