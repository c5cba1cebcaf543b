/** Events as one caller sees them: rows of the log as resources with what they are found by. */
import type { Ctx } from '../access/ctx.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { House } from '../rest/index.ts'
import { masker } from '../rest/index.ts'
import type { FoundRow, IndexRows } from '../search/index.ts'
import type { AuditEntry } from '../store/index.ts'
import type { AuditedEvent } from './event.ts'
import { resourceOf } from './resource.ts'
import { type Keys, shownTo } from './shown.ts'

/** An event as it is shown. `rows` are made when they are first asked for; times in milliseconds since 1970. */
export type Seen = {
  readonly id: string
  readonly at: number
  readonly lastUpdated: number
  readonly type: 'AuditEvent'
  readonly resource: JsonObject
  readonly rows: IndexRows
}

export type Sighted = {
  see(entry: AuditEntry): Seen
  /** The row of an answer, without what is masked. */
  row(seen: Seen): FoundRow & { readonly content: string }
}

const number = typeNumber('AuditEvent') ?? 0

/** `reach` as in `reach.ts`. What is not shown takes no part in anything that is told of an event. */
export const sighted = (house: House, ctx: Ctx, reach: Keys): Sighted => {
  const mask = masker(house, ctx)
  return {
    see: ({ id, at, content }) => {
      const event = shownTo(reach, JSON.parse(content) as AuditedEvent)
      const resource = resourceOf(event) as unknown as JsonObject
      let rows: IndexRows | undefined
      return {
        id,
        at,
        lastUpdated: 'received' in event ? event.received : event.at,
        type: 'AuditEvent',
        resource,
        get rows() {
          rows ??= house.search.extract('AuditEvent', resource, ctx.base)
          return rows
        },
      }
    },
    row: ({ id, lastUpdated, resource }) => ({
      type: number,
      id,
      fhir_id: null,
      version: 1,
      last_updated: lastUpdated,
      content: mask('AuditEvent', JSON.stringify(resource)),
    }),
  }
}
