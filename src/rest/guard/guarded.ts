/** The house as a caller may see it: what is out of reach is not there. The one place where reads are restricted. */
import type { Access } from '../../access/access.ts'
import type { Ctx } from '../../access/ctx.ts'
import { permissions } from '../../access/scope.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import { resourceTypes, typeName } from '../../fhir/resource-types.ts'
import { guardFilter, type Row, type Values } from '../../search/index.ts'
import type {
  HistoryEntry,
  HistoryQuery,
  Reader,
  ResourceKey,
  Store,
  StoreTransaction,
  Version,
} from '../../store/index.ts'
import type { House } from '../house.ts'
import { ifContext, isByContext } from './binary-context.ts'
import { masker } from './mask.ts'
import { type Sight, sightOf, type Viewer } from './sight.ts'
import { visibleKeys } from './visible.ts'

const restricted = new WeakMap<Access, boolean>()

/** Whether there is anything that the caller may not do. */
export const isRestricted = ({ access }: Ctx): boolean => {
  const known = restricted.get(access)
  if (known !== undefined) return known
  const found = access.key !== '*' && !reachesAll(access)
  restricted.set(access, found)
  return found
}

const reachesAll = (access: Access): boolean =>
  resourceTypes.every((type) =>
    permissions.every(
      (permission) =>
        access.reach(type, permission) === 'all' && access.masked(type, permission).length === 0,
    ),
  )

const kept = new WeakMap<Sight, { readonly house: House; readonly guarded: House }>()

/** The house itself for callers who may do everything. */
export const guarded = (house: House, ctx: Ctx): House => {
  if (!isRestricted(ctx)) return house
  const sight = sightOf(house.search, ctx)
  const known = kept.get(sight)
  if (known?.house === house) return known.guarded
  const made = guardedHouse(house, ctx, sight)
  kept.set(sight, { house, guarded: made })
  return made
}

const guardedHouse = (house: House, { access, tenant, base }: Viewer, sight: Sight): House => {
  const { search } = sight
  return {
    ...house,
    whole: house,
    search: {
      ...search,
      plan: (type, query, options) => search.plan(type, query, { ...options, guard: sight.found }),
      condition: (type, query, options) => search.condition(type, query, { ...options, guard: sight.found }),
      includeStatement: (plan, round) => search.includeStatement(plan, { ...round, guard: sight.brought }),
    },
    store: guardedStore(house, { access, tenant, base }, sight),
  }
}

const guardedStore = (house: House, viewer: Viewer, sight: Sight): Store => ({
  ...house.store,
  ...masking(house, viewer, guardedReader(house, viewer, sight, house.store)),
  transact: (work) => house.store.transact((tx) => work(guardedTransaction(house, viewer, sight, tx))),
})

/** What is written is checked in transaction/; here is what a transaction may find out. */
const guardedTransaction = (
  house: House,
  viewer: Viewer,
  sight: Sight,
  tx: StoreTransaction,
): StoreTransaction => ({
  ...tx,
  ...guardedReader(house, viewer, sight, tx),
  // What cannot be seen is neither confirmed nor denied: a reference to it is taken as it is.
  missingReferences: (tenant, keys) =>
    tx.missingReferences(
      tenant,
      keys.filter(({ type }) => sight.of(type, 'r') === undefined),
    ),
  referrers: async (tenant, tokens) => {
    const found = await tx.referrers(tenant, tokens)
    const keys = found.map(({ type, id }) => ({ type: typeName(type) ?? '', id }))
    const seen = await visibleKeys(sight, viewer, tx, keys, 'r')
    return found.map((row, n) => (seen.has(keys[n]!) ? row : { type: 0, id: '' }))
  },
})

/** What can be seen, whole. */
const guardedReader = (house: House, viewer: Viewer, sight: Sight, reader: Reader): Reader => {
  /** What was not deleted, when not everything may be seen: nobody can tell whose it was. */
  const current: Reader['current'] = async (tenant, key) => {
    const condition = sight.of(key.type, 'r')
    if (!condition) return reader.current(tenant, key)
    if (isByContext(viewer, key.type)) return ifContext(viewer, current, await reader.current(tenant, key))
    if (sight.isNothing(key.type, 'r')) return undefined
    const read = sight.read(key.type, condition, key.id)
    if (read.kind === 'never') return undefined
    if (read.kind === 'tokens') return reader.having(tenant, key, read.tokens)
    return reader.pick(key, read.statement)
  }
  /** An earlier version may have been about somebody else. */
  const wasWithin = ({ type, id, content, version }: Version, now: number | undefined): boolean => {
    if (content === null || version === now) return true
    const condition = sight.of(type, 'r')
    const resource = { ...(JSON.parse(content) as JsonObject), id }
    return !condition || house.search.isWithin(condition, type, resource, viewer.base)
  }
  return {
    pick: reader.pick,
    having: reader.having,
    contents: reader.contents,
    select: reader.select,
    current,
    version: async (tenant, key, number) => {
      if (!sight.of(key.type, 'r')) return reader.version(tenant, key, number)
      const now = await current(tenant, key)
      if (!now || now.version === number) return now
      const found = await reader.version(tenant, key, number)
      if (isByContext(viewer, key.type)) return ifContext(viewer, current, found)
      return found && wasWithin(found, now.version) ? found : undefined
    },
    history: async (tenant, query) => {
      const types = query.type === undefined ? resourceTypes : [query.type]
      const permission = query.id === undefined ? 's' : 'r'
      const guard = (type: string) => sight.of(type, permission)
      const isWhole = types.every((type) => guard(type) === undefined)
      if (isWhole) return reader.history(tenant, query)
      const asked = { ...query, guard: (values: Values) => guardFilter(tenant, types, guard, values) }
      return collect(reader, tenant, asked, async (page) => {
        const old = page.filter((one) => one.method !== 'DELETE' && guard(one.type) !== undefined)
        const now = await versionsNow(reader, viewer, old)
        const kept: HistoryEntry[] = []
        for (const one of page) {
          const isLarge = one.content === null && one.method !== 'DELETE'
          const whole = isLarge ? await reader.version(tenant, one, one.version) : one
          if (!old.includes(one) || (whole && wasWithin(whole, now(one)))) kept.push(one)
        }
        return kept
      })
    },
  }
}

/** The same without masked elements: for what leaves. */
export const masking = (house: House, viewer: Viewer, reader: Reader): Reader => {
  const mask = masker(house, viewer)
  const masked = <V extends Version | undefined>(version: V): V =>
    version?.content ? { ...version, content: mask(version.type, version.content) } : version
  return {
    pick: reader.pick,
    having: reader.having,
    current: async (tenant, key) => masked(await reader.current(tenant, key)),
    version: async (tenant, key, number) => masked(await reader.version(tenant, key, number)),
    history: async (tenant, query) => (await reader.history(tenant, query)).map(masked),
    contents: async (tenant, query) => {
      const found = await reader.contents(tenant, query)
      return found.map((content, n) => mask(typeName(query.places[n]?.type ?? 0) ?? '', content))
    },
    select: async (statement, until) => {
      const rows = await reader.select<unknown>(statement, until)
      return rows.map((row) => maskedRow(row, mask)) as never
    },
  }
}

const maskedRow = (row: unknown, mask: ReturnType<typeof masker>): unknown => {
  const { type, content } = row as Partial<Row>
  if (typeof content !== 'string' || type === undefined) return row
  return { ...(row as Row), content: mask(typeName(type) ?? '', content) }
}

/** The number of the current version of each. */
const versionsNow = async (
  reader: Reader,
  viewer: Viewer,
  entries: readonly HistoryEntry[],
): Promise<(entry: HistoryEntry) => number | undefined> => {
  const keys = new Map(entries.map(({ type, id }) => [`${type}/${id}`, { type, id } satisfies ResourceKey]))
  const numbers = new Map<string, number | undefined>()
  for (const [text, key] of keys) numbers.set(text, (await reader.current(viewer.tenant, key))?.version)
  return ({ type, id }) => numbers.get(`${type}/${id}`)
}

/** Pages until as many entries as were asked for are left, or there are no more. */
const collect = async (
  reader: Reader,
  tenant: number,
  query: HistoryQuery,
  keep: (page: readonly HistoryEntry[]) => Promise<readonly HistoryEntry[]>,
): Promise<HistoryEntry[]> => {
  const found: HistoryEntry[] = []
  let asked = query
  for (;;) {
    const page = await reader.history(tenant, asked)
    found.push(...(await keep(page)))
    const last = page.at(-1)
    if (found.length >= query.limit || page.length < query.limit || !last) return found.slice(0, query.limit)
    const { last_updated: lastUpdated, tx, type, id, version } = last.row
    asked = { ...query, after: { lastUpdated, tx, type, id, version } }
  }
}
