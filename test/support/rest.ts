/** The house up to its one door, on a fresh database: what HTTP, messages and timers would talk to. */
import type { Test } from 'tap'
import type { Ctx } from '../../src/access/ctx.ts'
import type { Recording } from '../../src/access/happening.ts'
import { createLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import type { Canonicals } from '../../src/fhir/definitions/canonicals.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { noCanonicals } from '../../src/fhir/definitions/posted.ts'
import { ownCtx } from '../../src/own-ctx.ts'
import {
  type Callers,
  createPosted,
  createRest,
  type Deriver,
  type Keeper,
  loadOperations,
  type PostedDefinitions,
  type Reply,
  type Request,
  type Rest,
  type RestOptions,
  type RestRooms,
} from '../../src/rest/index.ts'
import type { Operation } from '../../src/rest/operation.ts'
import type { ValiditySettings } from '../../src/rest/validity.ts'
import { createSearch } from '../../src/search/index.ts'
import {
  createDefinitionSource,
  createStore,
  createTenants,
  type Database,
  type ReferencePolicy,
  type Store,
} from '../../src/store/index.ts'
import { createStructure } from '../../src/validation/structure.ts'
import { openStore } from './store.ts'

export const base = 'http://test.example/fhir'

const definitions = await loadDefinitions(undefined)
export const search = createSearch(definitions)
const structure = createStructure(definitions)

export const ctxAt = (at: number, tenant = 1): Ctx => ({
  ...ownCtx({ tenant, log: createLog('silent'), signal: new AbortController().signal, base }),
  at,
})

export const ctx = (): Ctx => ctxAt(Date.now())

const offered = await loadOperations()

type Open = {
  readonly rest: Rest
  readonly rooms: RestRooms
  readonly database: Database
  readonly posted: PostedDefinitions
  perform(request: Request): Promise<Reply>
}

export const openRest = async (
  t: Test,
  settings: Partial<RestOptions> & {
    references?: ReferencePolicy
    operations?: readonly Operation[]
    /** One that is open already. */
    on?: Database
    recording?: Recording
    keepers?: ReadonlyMap<string, Keeper>
    derivers?: ReadonlyMap<string, Deriver>
    /** Makes what callers may, of the store. */
    callers?: (store: Store) => Callers
    /** Without it only the structure is judged. */
    validation?: ValiditySettings
    canonicals?: Canonicals
  } = {},
): Promise<Open> => {
  const {
    references = 'checked',
    operations = offered,
    on,
    recording,
    keepers,
    derivers,
    callers,
    ...others
  } = settings
  const { validation, canonicals = noCanonicals, ...options } = others
  const { store, database } = on
    ? { store: createStore(on, references), database: on }
    : await openStore(t, references)
  const tenants = createTenants(database)
  const source = createDefinitionSource(database)
  const posted = createPosted({ definitions, canonicals, search, store, source }, createLog('silent'))
  const rooms: RestRooms = {
    callers: callers?.(store),
    posted,
    canonicals,
    ...(validation ? { validation } : {}),
    definitions,
    search,
    structure,
    store,
    operations,
    tenants,
    recording,
    keepers,
    derivers,
    version: '0.0.0',
    cors: false,
    authorization: 'off',
    options: {
      updateAsCreate: true,
      maxEntries: 10_000,
      defaultCount: 20,
      maxCount: 1000,
      maxIncludes: 1000,
      maxPageBytes: 32 * 1024 ** 2,
      maxCost: 1_000_000,
      maxDepth: 100,
      ...options,
    },
  }
  const rest = createRest(rooms)
  return { rest, rooms, database, posted, perform: (request) => rest.perform(ctx(), request) }
}

export const textOf = (reply: Reply): string => (reply.body ?? []).join('')
// biome-ignore lint/suspicious/noExplicitAny: tests look into resources of every type
export const resourceOf = (reply: Reply): any => JSON.parse(textOf(reply))

export const create = (type: string, resource: object, more: Partial<Request> = {}): Request => ({
  interaction: 'create',
  type,
  query: [],
  body: { text: JSON.stringify({ resourceType: type, ...resource }) },
  ...more,
})

export const update = (type: string, id: string, resource: object, more: Partial<Request> = {}): Request => ({
  interaction: 'update',
  type,
  id,
  query: [],
  body: { text: JSON.stringify({ resourceType: type, id, ...resource }) },
  ...more,
})

export const read = (type: string, id: string, more: Partial<Request> = {}): Request => ({
  interaction: 'read',
  type,
  id,
  query: [],
  ...more,
})

export const transaction = (entries: readonly object[], more: Partial<Request> = {}): Request => ({
  interaction: 'transaction',
  query: [],
  body: { text: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries }) },
  ...more,
})

export const batch = (entries: readonly object[], more: Partial<Request> = {}): Request => ({
  interaction: 'batch',
  query: [],
  body: { text: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry: entries }) },
  ...more,
})

/** The refusal of a request that must be refused. */
export const refusal = async (running: Promise<unknown>): Promise<Problem> => {
  try {
    await running
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('the request was not refused')
}
