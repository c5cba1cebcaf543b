/** Holds writes to what a caller may reach: what was there before, and what is there after. */
import type { Ctx } from '../../access/ctx.ts'
import { isAdministrator, isPolicyKey } from '../../access/policy-resource.ts'
import type { Permission } from '../../access/scope.ts'
import { forbidden } from '../../base/problem.ts'
import { keyText, type Prior, type StoreTransaction } from '../../store/index.ts'
import type { House } from '../house.ts'
import { forEachEntry, type Place } from '../transaction/place.ts'
import type { SettledEntry } from '../transaction/settle.ts'
import type { Written } from '../transaction/versions.ts'
import { isRestricted } from './guarded.ts'
import { bringsOthers } from './several-patients.ts'
import { type Sight, sightOf } from './sight.ts'
import { visibleKeys } from './visible.ts'

/** What the entries find there, of what the caller may change: everything else is not there. */
export const reachable = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entries: readonly SettledEntry[],
  priors: ReadonlyMap<string, Prior>,
): Promise<ReadonlyMap<string, Prior>> => {
  if (!isRestricted(ctx)) return priors
  checkSetUp(ctx, entries)
  const sight = sightOf(house.search, ctx)
  const kept = new Map<string, Prior>()
  for (const permission of ['u', 'd'] as const) {
    const keys = entries
      .filter(({ act }) => (act === 'delete') === (permission === 'd'))
      .map(({ key }) => key)
      .filter((key) => priors.has(keyText(key)))
    for (const key of await visibleKeys(sight, ctx, tx, keys, permission))
      kept.set(keyText(key), priors.get(keyText(key))!)
  }
  return kept
}

/** Throws 403: what others may do only administrators change, whoever reaches resources of the type. */
const checkSetUp = ({ who }: Ctx, entries: readonly SettledEntry[]): void => {
  if (isAdministrator(who)) return
  const policy = entries.find(({ key }) => isPolicyKey(key))
  if (policy)
    throw forbidden(`${keyText(policy.key)} is a policy of access: only an administrator changes it.`)
}

/**
 * Whether `PUT` may make the resource. Whoever reaches a part of a type only must not find out by it which ids are taken:
 * for them this server does not create with an update.
 */
export const mayCreateByUpdate = (house: House, ctx: Ctx, type: string): boolean => {
  if (!house.options.updateAsCreate) return false
  if (!isRestricted(ctx)) return true
  const sight = sightOf(house.search, ctx)
  return sight.of(type, 'u') === undefined && sight.of(type, 'c') === undefined
}

const permissionOf = ({ created }: Written): Permission => (created ? 'c' : 'u')

/** Throws 403 for content that the caller may not write; asked in the transaction, after it has been written. */
export const checkWithin = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  written: readonly Written[],
  place: Place,
): Promise<void> => {
  if (!isRestricted(ctx)) return
  const sight = sightOf(house.search, ctx)
  const outside: { readonly index: number; readonly one: Written }[] = []
  for (const permission of ['c', 'u'] as const) {
    const some = written.filter((one) => permissionOf(one) === permission)
    const seen = await within(sight, ctx, tx, some, permission)
    for (const one of some) {
      if (seen.has(one) && !(await bringsOthers(house, ctx, tx, one.write, permission))) continue
      outside.push({ index: one.entry.index, one })
    }
  }
  await forEachEntry(outside, place, ({ one }) => {
    const { type } = one.entry.key
    throw forbidden(
      `You may ${one.created ? 'create' : 'update'} resources of type ${type}, but not with this content: it is about somebody or something that is out of your reach.`,
    )
  })
}

/** Which of what was written may also be read, and so come back in the answer. */
export const readable = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  written: readonly Written[],
): Promise<ReadonlySet<Written>> =>
  isRestricted(ctx) ? within(sightOf(house.search, ctx), ctx, tx, written, 'r') : new Set(written)

const within = async (
  sight: Sight,
  ctx: Ctx,
  tx: StoreTransaction,
  written: readonly Written[],
  permission: Permission,
): Promise<ReadonlySet<Written>> => {
  const keys = written.map((one) => ({ ...one.entry.key, one }))
  const seen = await visibleKeys(sight, ctx, tx, keys, permission)
  return new Set([...seen].map(({ one }) => one))
}
