/**
 * What was committed, in order of commit, for whoever follows up on it. The versions themselves are the outbox: the
 * column `tx` is the writing transaction, and nothing at or after the oldest running one is handed out yet.
 */
import type { Database } from './database.ts'
import type { VersionRow } from './version.ts'

/** A place in the log; a consumer keeps the last one it has dealt with. */
export type OutboxPosition = {
  readonly tx: string
  readonly tenant: number
  readonly type: number
  readonly id: string
  readonly version: number
}

export const outboxStart: OutboxPosition = {
  tx: '0',
  tenant: 0,
  type: 0,
  id: '00000000-0000-0000-0000-000000000000',
  version: 0,
}

export type OutboxRow = VersionRow & OutboxPosition

const textOf = (limit: number): string => `
select tx, tenant, type, id, fhir_id, version, last_updated, method, content from resource_version
where tx >= $1::bigint and tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  and (tx, tenant, type, id, version) > ($1::bigint, $2::int, $3::smallint, $4::uuid, $5::int)
order by tx, tenant, type, id, version
limit ${Math.trunc(limit)}`

/** Up to `limit` versions after the position. Asked again with the last row's position it goes on without gaps. */
export const readOutbox = (database: Database, after: OutboxPosition, limit: number): Promise<OutboxRow[]> =>
  database.query({
    name: `outbox_${Math.trunc(limit)}`,
    text: textOf(limit),
    tenant: '*',
    values: [after.tx, after.tenant, after.type, after.id, after.version],
  })
