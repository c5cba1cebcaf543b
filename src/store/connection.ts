/** How a connection to Postgres is made and set up, the same for every line and pool. */
import pg from 'pg'
import { type RowSecurity, tenantRole } from './roles.ts'

/** A connection string, or the parts of one (the embedded Postgres gives parts). */
export type ConnectionTarget =
  | { readonly url: string }
  | {
      readonly host: string
      readonly port: number
      readonly user: string
      readonly database: string
      readonly password?: string
    }

const oid = { int8: 20, timestamptz: 1184 }

/** `2026-01-31 10:20:30.123+00` → milliseconds since 1970. The session's time zone is UTC. */
const parseTimestamp = (text: string): number => {
  const ms = Date.parse(`${text.slice(0, 10)}T${text.slice(11, text.length - 3)}Z`)
  if (Number.isNaN(ms)) throw new Error(`unexpected timestamp form: ${text}`)
  return ms
}

/** bigint stays text: it may not fit a double. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format: 'text' | 'binary') => {
    if (id === oid.timestamptz) return parseTimestamp
    if (id === oid.int8) return (text: string) => text
    return pg.types.getTypeParser(id, format)
  }) as pg.CustomTypesConfig['getTypeParser'],
}

/** Times in milliseconds; 0 means no limit. */
export type SessionLimits = { readonly statementTimeout: number; readonly lockTimeout: number }

/**
 * Prepared plans are made once, without looking at values, and kept while tables grow: one that was made when a table
 * was small must not scan or hash it when it is large. Every statement here has an index to follow.
 */
const plansByKey = [
  '-c plan_cache_mode=force_generic_plan',
  '-c enable_seqscan=off',
  '-c enable_hashjoin=off',
  '-c enable_mergejoin=off',
  '-c enable_material=off',
  '-c enable_memoize=off',
]

/** A statement is ended by the database; when even that does not happen in time (ms), nobody is there any more. */
const silence = 5000

/** As the driver takes it. */
export const partsOf = (target: ConnectionTarget): pg.ClientConfig =>
  'url' in target ? { connectionString: target.url } : target

/**
 * The configuration of one client; `pipeline` lets statements follow each other without waiting for answers; `scope` tells whether
 * each says for which tenant it is, or all have the owner's rights over the rows of all.
 */
export const clientConfig = (
  target: ConnectionTarget,
  limits: SessionLimits,
  scope: RowSecurity | 'all' = 'all',
): pg.ClientConfig => {
  return {
    ...partsOf(target),
    pipeline: true,
    types,
    keepAlive: true,
    application_name: 'lamplight',
    connectionTimeoutMillis: 5000,
    query_timeout: limits.statementTimeout + silence,
    options: [
      '-c timezone=UTC',
      '-c datestyle=ISO',
      '-c synchronous_commit=on',
      '-c jit=off',
      ...plansByKey,
      ...(scope === 'all' ? ['-c lamplight.tenant=*'] : scope === 'roles' ? [`-c role=${tenantRole}`] : []),
      `-c statement_timeout=${limits.statementTimeout}`,
      `-c lock_timeout=${limits.lockTimeout}`,
      '-c idle_in_transaction_session_timeout=60000',
    ].join(' '),
  } as pg.ClientConfig
}
