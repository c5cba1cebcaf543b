/** What every function of the house gets first: who asks, for which tenant, when, and until when. */
import type { Log } from '../base/log.ts'
import type { Access } from './access.ts'
import type { Principal } from './principal.ts'

/** Immutable. `at` is the only clock: milliseconds since 1970, fixed for the whole request. */
export type Ctx = {
  /** The hospital whose data is meant; part of every key. */
  readonly tenant: number
  readonly at: number
  readonly who: Principal
  readonly access: Access
  /** W3C trace id, 32 hex digits; on every log line and in the outcome of an unexpected error. */
  readonly trace: string
  /** Aborted when the client goes away or the server drains. */
  readonly signal: AbortSignal
  readonly log: Log
  /** Network address of whoever asks; undefined for what did not come over a network. */
  readonly address?: string | undefined
  /** `X-Request-Id` of the client. */
  readonly correlation?: string | undefined
  /** Base URL of the FHIR endpoint without trailing slash, as the client sees it. */
  readonly base: string
}
