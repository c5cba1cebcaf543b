/** Builds the rooms of one process in order and hands each exactly what it needs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SecureContextOptions } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import packageFile from '../package.json' with { type: 'json' }
import { type PeopleRecord, recordAuth, recordPeople } from './audited-people.ts'
import { openAuditing } from './auditing.ts'
import { authorize } from './authorization.ts'
import type { Log } from './base/log.ts'
import { type Config, cacheFolder } from './config.ts'
import { loadDefinitions } from './fhir/definitions/load.ts'
import { loadCanonicals } from './fhir/definitions/load-canonicals.ts'
import { createXml } from './fhir/xml/xml.ts'
import { createLimiter, type Limiter } from './http/limited.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { createServer } from './http/server.ts'
import { baseUrlOf } from './http/tenancy.ts'
import { openPeople } from './people.ts'
import { readPolicies } from './policies.ts'
import { rehearse } from './rehearsal.ts'
import {
  createCallers,
  createOpenApi,
  createPosted,
  createRest,
  createRowsOf,
  loadOperations,
  type RestRooms,
  watchDefinitions,
} from './rest/index.ts'
import { createSearch } from './search/index.ts'
import { accountReader } from './store/accounts.ts'
import {
  type ConnectionTarget,
  createConcepts,
  createDatabase,
  createDefinitionSource,
  createStore,
  createTenants,
  type Database,
  fitConnections,
  hear,
  keepBuilding,
  keepFresh,
  rowSecurityOf,
  type Tenants,
  watchTenants,
} from './store/index.ts'
import { createStructure } from './validation/structure.ts'

export type ComposeDeps = {
  readonly config: Config
  readonly log: Log
  readonly target: ConnectionTarget
  /** The metrics of all processes; of this one when there are no others. */
  readonly exposition?: () => Promise<string>
  /** Certificate and key; plain HTTP without. */
  readonly tls?: SecureContextOptions | undefined
  /** Aborts what still runs when the time for draining is over. */
  readonly stopped: AbortSignal
}

/** A house that is ready to listen. `close` after the server is closed. */
export type House = {
  readonly server: FastifyInstance
  readonly limiter: Limiter
  /** Uses the time until the first request. Never throws. */
  rehearse(): Promise<void>
  close(): Promise<void>
}

/** The URL of a tenant's FHIR endpoint; empty where nobody said how clients see this server. */
const baseOf =
  ({ baseUrl, tenancy }: Config, tenants: Tenants) =>
  (tenant: number): string => {
    const found = tenants.byNumber(tenant)
    return baseUrl === undefined || !found ? '' : baseUrlOf(baseUrl, tenancy, found)
  }

/** Deepest nesting of JSON. */
const maxDepth = 100

export const compose = async (deps: ComposeDeps): Promise<House> => {
  const { config, log } = deps
  const definitions = await loadDefinitions(cacheFolder(config))
  const { canonicals } = await loadCanonicals(cacheFolder(config), config.packages)
  const wanted = { lines: config.databaseLines, pool: config.databasePool }
  const share = await fitConnections(deps.target, wanted, config.workers)
  if (share.lines + share.pool < wanted.lines + wanted.pool)
    log.warn(
      { wanted, share },
      'the database allows fewer connections than wanted; raise its max_connections',
    )
  const database = createDatabase({
    target: deps.target,
    security: await rowSecurityOf(deps.target),
    ...share,
    statementTimeout: config.statementTimeout,
    log,
  })
  const tenants = createTenants(database)
  await tenants.learn()
  const search = createSearch(definitions)
  const store = createStore(database, config.references)
  const posted = createPosted(
    { definitions, canonicals, search, store, source: createDefinitionSource(database) },
    log,
  )
  const operations = await loadOperations()
  const auditing = openAuditing(config, database, log)
  const policies = await readPolicies(definitions, search)
  const callers = createCallers({ definitions, search, store, policies })
  const rooms: RestRooms = {
    callers,
    recording: auditing.recording,
    keepers: auditing.keepers,
    derivers: auditing.derivers,
    posted,
    canonicals,
    definitions,
    structure: createStructure(definitions),
    search,
    store,
    concepts: createConcepts(database),
    operations,
    tenants,
    validation: {
      mode: config.validation,
      bestPractice: config.bestPractice,
      enforced: config.enforcedProfiles,
    },
    options: {
      updateAsCreate: config.updateAsCreate,
      maxEntries: config.maxEntries,
      defaultCount: config.defaultCount,
      maxCount: config.maxCount,
      maxIncludes: config.maxIncludes,
      maxPageBytes: config.maxPageBytes,
      maxCost: config.maxCost,
      maxDepth,
    },
    version: packageFile.version,
    cors: config.corsOrigins.length > 0,
    authorization: config.authorization,
  }
  const rest = createRest(rooms)
  const stopStatistics = keepFresh(database, log)
  const rowsOf = createRowsOf({ search, posted }, baseOf(config, tenants), maxDepth)
  const builder = keepBuilding(store.builds, rowsOf, log)
  const hearing = hear(deps.target, log)
  const stopWatching = watchDefinitions(posted, hearing.listen, builder.wake, log)
  hearing.listen(watchTenants(tenants, log))
  const peopleRecord: PeopleRecord = {
    recording: auditing.recording,
    accounts: accountReader(database),
    baseOf: (tenant) => baseOf(config, tenants)(tenant) || 'http://localhost/fhir',
  }
  const record = recordPeople(peopleRecord)
  const { people, stop: stopMails } = await openPeople({ config, log, database, rest, tenants, record })
  const authorization = authorize({
    config,
    database,
    log,
    people,
    rest,
    demo: config.demo,
    record: recordAuth(peopleRecord),
    callerOf: callers.of,
  })
  const { server: auth } = authorization
  if (auth) hearing.listen(auth)
  const metrics = createMetrics()
  measureDatabase(metrics, database)
  const traces = await openTraces(config)
  const limiter = createLimiter({
    clients: config.clientRate,
    strangers: config.authorization === 'on' ? config.strangerRate : 0,
  })
  const server = createServer({
    rest,
    authenticate: authorization.authenticate,
    authorization: authorization.server,
    recording: auditing.recording,
    xml: createXml(definitions),
    openApi: createOpenApi({ definitions, search, operations, version: packageFile.version }),
    log,
    metrics,
    traces,
    limits: {
      body: config.bodyLimit,
      headers: config.headerLimit,
      headersTimeout: config.requestTimeout,
      requestTimeout: config.requestTimeout,
      keepAlive: config.keepAlive,
      memory: config.memoryLimit,
      answerTimeout: config.answerTimeout,
    },
    tenants,
    tenancy: config.tenancy,
    baseUrl: config.baseUrl,
    listens: config.host,
    trustProxy: config.trustProxy,
    corsOrigins: config.corsOrigins,
    stopped: deps.stopped,
    tls: deps.tls,
    limiter,
    exposition: deps.exposition ?? metrics.text,
    ready: () => isReady(database),
  })
  const isWanted = (): boolean => metrics.unanswered() > 0 || !server.server.listening
  return {
    server,
    limiter,
    rehearse: async () => {
      if (!config.rehearsal) return
      const done = await rehearse({ rooms, log, isWanted, stopped: deps.stopped })
      log.debug({ transactions: done }, 'rehearsed')
    },
    close: async () => {
      await traces?.close()
      await Promise.all([stopStatistics(), builder.stop(), stopMails(), stopWatching()])
      auth?.close()
      await hearing.stop()
      await auditing.close()
      await database.close()
    },
  }
}

/** Imported only when asked for: it would add a tenth of a second to every start. */
const openTraces = async ({ otlpEndpoint, serviceName }: Config) => {
  if (otlpEndpoint === undefined) return undefined
  const { createTraces } = await import('./http/otel.ts')
  return createTraces(otlpEndpoint, serviceName)
}

const measureDatabase = (metrics: Metrics, database: Database): void => {
  for (const state of ['busy', 'idle', 'waiting'] as const) {
    const help = `Database connections: ${state}.`
    metrics.gauge(`lamplight_database_${state}`, help, () => database.gauge()[state])
  }
}

/** Whoever asks whether the server is ready does not wait longer, in ms. */
const readyTimeout = 2000

/** Migrations are done before any process listens, so the database is all that can be missing. */
const isReady = async (database: Database): Promise<readonly string[]> => {
  const answer = database.ping().then(
    () => true,
    () => false,
  )
  const late = sleep(readyTimeout, false, { ref: false })
  return (await Promise.race([answer, late])) ? [] : ['The database does not answer.']
}
