/** Links between what a transaction writes and what stays: http://hl7.org/fhir/R4/http.html#integrity */
import type { Ctx } from '../../access/ctx.ts'
import { conflict, Problem } from '../../base/problem.ts'
import { typeName } from '../../fhir/resource-types.ts'
import { hashToken } from '../../search/index.ts'
import { keyText, type ResourceKey, type StoreTransaction } from '../../store/index.ts'
import type { House } from '../house.ts'
import { missingIssues, type Prepared } from '../prepare.ts'
import { forEachEntry, type Place } from './place.ts'
import type { Written } from './versions.ts'

/** References of what is written must point at something: on this server already, or written along with it. */
export const checkReferences = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  done: readonly { readonly written: Written; readonly prepared: Prepared }[],
  place: Place,
): Promise<void> => {
  if (house.store.references === 'off') return
  const own = new Set(done.map(({ written }) => keyText(written.write)))
  const wanted = new Map<string, ResourceKey>()
  for (const { prepared } of done)
    for (const key of prepared.references) if (!own.has(keyText(key))) wanted.set(keyText(key), key)
  const missing = await tx.missingReferences(ctx.tenant, [...wanted.values()])
  if (missing.length === 0) return
  const lost = new Set(missing.map(keyText))
  const guilty = done
    .map(({ written, prepared }) => ({
      index: written.entry.index,
      prepared,
      missing: prepared.references.filter((key) => lost.has(keyText(key))),
    }))
    .filter((entry) => entry.missing.length > 0)
  await forEachEntry(guilty, place, (entry) => {
    throw new Problem(422, missingIssues(house, ctx, entry.prepared, entry.missing))
  })
}

/** 'enforced': what is deleted must not be referred to by anything that stays. */
export const checkReferrers = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  deleted: readonly Written[],
  place: Place,
): Promise<void> => {
  if (house.store.references !== 'enforced') return
  await forEachEntry(
    deleted.map((written) => ({ ...written, index: written.entry.index })),
    place,
    async ({ entry: { key } }) => {
      const tokens = house.referrerTokens(key).map((token) => hashToken(ctx.tenant, token))
      const found = (await tx.referrers(ctx.tenant, tokens)).filter(
        ({ type, id }) => !(typeName(type) === key.type && id === key.id),
      )
      if (found.length === 0) return
      // What the caller cannot see has no type here.
      const seen = found.filter(({ type }) => typeName(type) !== undefined)
      const names = seen.slice(0, 5).map(({ type, id }) => `${typeName(type)}/${id}`)
      const more = found.length > names.length ? [names.length > 0 ? 'more' : 'others'] : []
      throw conflict(
        `${keyText(key)} cannot be deleted, as ${[names.join(', '), ...more].filter((part) => part !== '').join(' and ')} refer to it; change or delete those first.`,
      )
    },
  )
}
