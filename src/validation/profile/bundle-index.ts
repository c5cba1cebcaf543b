/** The entries of a Bundle by full URL, so that references in it are found at once: http://hl7.org/fhir/R4/bundle.html#references */
import type { JsonObject } from '../../fhir/json/value.ts'
import { isPlain } from './values.ts'

export type BundleIndex = {
  /** In the order of the entries; several when they are versions of one resource. */
  readonly byUrl: ReadonlyMap<string, readonly JsonObject[]>
  /** The full URL of the entry that has the resource. */
  readonly fullUrls: ReadonlyMap<JsonObject, string>
}

export const indexBundle = (bundle: JsonObject): BundleIndex => {
  const byUrl = new Map<string, JsonObject[]>()
  const fullUrls = new Map<JsonObject, string>()
  for (const entry of Array.isArray(bundle.entry) ? bundle.entry : []) {
    if (!isPlain(entry) || typeof entry.fullUrl !== 'string' || !isPlain(entry.resource)) continue
    fullUrls.set(entry.resource, entry.fullUrl)
    const known = byUrl.get(entry.fullUrl)
    if (known) known.push(entry.resource)
    else byUrl.set(entry.fullUrl, [entry.resource])
  }
  return { byUrl, fullUrls }
}
