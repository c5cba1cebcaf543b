/** What is asked of the database to know what somebody may, with nobody's restrictions. */
import { idsStatement, type Search } from '../../search/index.ts'
import { changesStatement, type Reader, type Version } from '../../store/index.ts'

export type LookDeps = {
  readonly search: Search
  readonly store: Pick<Reader, 'select' | 'current'>
}

const mostIds = 1000

/** In ms: no request takes longer from its beginning to its commit. */
const slowest = 600_000

/** Of a type without resources. */
const none = '0'

/** Questions about one tenant. */
export type Look = {
  /** Ids of a type that one of the searches finds. */
  ids(
    type: string,
    searches: readonly (readonly (readonly [string, string])[])[],
    most?: number,
  ): Promise<string[]>
  current(type: string, id: string): Promise<Version | undefined>
  /** Another text when resources of the type have changed; empty when there never were any. */
  changes(type: string): Promise<string>
  readonly tenant: number
}

export const createLook = ({ search, store }: LookDeps, tenant: number, at: number): Look => ({
  tenant,
  ids: async (type, searches, most = mostIds) => {
    if (searches.length === 0) return []
    const alternatives = searches.map((query) => ({ kind: 'search', query }) as const)
    const condition = search.reach(type, { groups: [alternatives] }, { base: '', at })
    if (!condition || search.isNever(condition)) return []
    const rows = await store.select<{ id: string }>(idsStatement(tenant, type, [condition], most))
    return rows.map(({ id }) => id).sort()
  },
  current: (type, id) => store.current(tenant, { type, id }),
  changes: async (type) => {
    const [row] = await store.select<{ changes: string }>(changesStatement(tenant, type, at - slowest))
    return row?.changes === none ? '' : (row?.changes ?? '')
  },
})
