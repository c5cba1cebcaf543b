/** The definitions of all tenants that this process has met, kept as the database has them. */
import type { Log } from '../../base/log.ts'
import { type Loaded, loadNext, type PostedRooms } from './load.ts'
import type { PostedDefinitions, PostedState } from './model.ts'

type Tenant = {
  loaded: Loaded | undefined
  /** Under way, and the one that begins when that is done: it sees what happened in between. */
  running: Promise<PostedState> | undefined
  next: Promise<PostedState> | undefined
  /** The generation of search parameters whose builds have been asked for. */
  settled: string
  readonly ready: Set<string>
}

export const createPosted = (rooms: PostedRooms, log: Log): PostedDefinitions => {
  const tenants = new Map<number, Tenant>()
  const tenantOf = (tenant: number): Tenant => {
    const known = tenants.get(tenant)
    if (known) return known
    const made: Tenant = {
      loaded: undefined,
      running: undefined,
      next: undefined,
      settled: '0',
      ready: new Set(),
    }
    tenants.set(tenant, made)
    return made
  }

  /** A failure is made up for when the poll comes by. */
  const settle = async (one: Tenant, { tenant, known, parameters }: PostedState): Promise<void> => {
    if (one.settled === known) return
    const wanted = parameters.map((definition) => ({
      edition: definition.edition ?? '',
      types: definition.base,
      definition,
    }))
    try {
      await rooms.store.builds.settle(tenant, known, wanted)
      one.settled = known
    } catch (error) {
      log.warn(
        { err: { message: (error as Error).message } },
        'index builds could not be asked for; trying again',
      )
    }
  }

  const load = async (tenant: number, one: Tenant): Promise<PostedState> => {
    const loaded = await loadNext(rooms, tenant, one.loaded)
    one.loaded = loaded
    return loaded.state
  }

  const refresh = (tenant: number): Promise<PostedState> => {
    const one = tenantOf(tenant)
    if (one.next) return one.next
    const before = one.running ?? Promise.resolve()
    const mine: Promise<PostedState> = before
      .catch(() => undefined)
      .then(() => {
        one.running = mine
        one.next = undefined
        return load(tenant, one)
      })
      .finally(() => {
        if (one.running === mine) one.running = undefined
      })
    one.next = mine
    return mine
  }

  const of = (tenant: number): PostedState | Promise<PostedState> => {
    const one = tenantOf(tenant)
    return one.loaded?.state ?? one.running ?? refresh(tenant)
  }

  return {
    of,
    loaded: (tenant) => tenants.get(tenant)?.loaded?.state,
    refresh,
    learn: async (tenant) => {
      await settle(tenantOf(tenant), await refresh(tenant))
    },
    catchUp: async () => {
      if (tenants.size === 0) return
      for (const { tenant, generation } of await rooms.source.generations()) {
        const one = tenants.get(tenant)
        if (!one?.loaded) continue
        const { state } = one.loaded
        await settle(one, state.generation === generation ? state : await refresh(tenant))
      }
    },
    unready: async (tenant, editions) => {
      const { ready } = tenantOf(tenant)
      const open = editions.filter((edition) => !ready.has(edition))
      if (open.length === 0) return []
      const builds = await rooms.store.builds.states(tenant, open)
      for (const { edition, kind, finished_at } of builds)
        if (edition !== null && kind === 'parameter' && finished_at !== null) ready.add(edition)
      return open
        .filter((edition) => !ready.has(edition))
        .map((edition) => {
          const build = builds.find((one) => one.edition === edition)
          return build ? { edition, build } : { edition }
        })
    },
  }
}
