/** What comes back: `Bundle.entry.response` plus a resource. http://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.response */
import type { Issue } from '../base/issue.ts'

/**
 * `body` is the text of one FHIR resource in JSON without insignificant whitespace, as pieces to be written one after
 * the other; absent when there is none (204, 304, `Prefer: return=minimal`).
 * `outcome` are findings to be sent as an OperationOutcome instead of a body.
 */
export type Reply = {
  readonly status: number
  readonly body?: readonly string[]
  /** resourceType of `body`. */
  readonly resourceType?: string
  readonly outcome?: readonly Issue[]
  /** Without the weak marker and quotes: `3` is sent as `W/"3"`. */
  readonly versionId?: string
  /** Milliseconds since 1970. */
  readonly lastModified?: number
  /** Relative to the base: `Patient/1/_history/1`. */
  readonly location?: string
  /** Whom what was written is about, for the record, where `body` does not hold it: `Patient/1`. */
  readonly patients?: readonly string[]
}
