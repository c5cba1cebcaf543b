/** What arrives, whoever brings it: an HTTP request, a bundle entry, a message. http://hl7.org/fhir/R4/http.html */

/** The codes of http://hl7.org/fhir/R4/valueset-restful-interaction.html, and operations of all levels. */
export type Interaction =
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'create'
  | 'search-type'
  | 'search-system'
  | 'batch'
  | 'transaction'
  | 'capabilities'
  | 'operation'

export type PatchFormat = 'json-patch' | 'merge-patch' | 'fhirpath-patch'

/**
 * A body as text. `patch` is set when the text is a patch document and not a resource. `xml` is the document as it was
 * sent when the text was made from it. `lead`: characters of the first line that were not sent.
 */
export type Body = {
  readonly text: string
  readonly patch?: PatchFormat
  readonly xml?: string
  readonly lead?: number
}

/**
 * One interaction. `type`, `id` and `versionId` come from the path; `query` holds the decoded pairs of the query
 * string in order, without the ones that only say how to answer (`_format`, `_pretty`).
 * A conditional update, patch or delete has a `type`, no `id`, and its condition in `query`.
 */
export type Request = {
  readonly interaction: Interaction
  readonly type?: string
  readonly id?: string
  readonly versionId?: string
  /** Code of an operation, without the `$`. */
  readonly operation?: string
  /** Whether the operation came with POST. */
  readonly posted?: boolean
  /** Only what is in the compartment of this resource is searched: `Patient/1/Observation`. */
  readonly compartment?: { readonly type: string; readonly id: string }
  readonly query: readonly (readonly [string, string])[]
  readonly body?: Body
  /** Raw header values. */
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly ifModifiedSince?: string
  readonly ifNoneExist?: string
  /** `X-Provenance`: a Provenance in JSON, without target. */
  readonly provenance?: string
  /** `Prefer: handling=lenient`. */
  readonly lenient?: boolean
  /** `Prefer: return=…`; `representation` when absent. */
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome'
}
