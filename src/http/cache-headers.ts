/** Versions, times and places in headers: http://hl7.org/fhir/R4/http.html#versioning and #cread */
import type { Reply } from '../rest/index.ts'

export type Headers = Record<string, string | number>

/** `resource` is `Patient/1`, known from the path of the request; undefined for other levels. */
export const cacheHeaders = (reply: Reply, base: string, resource: string | undefined): Headers => {
  const headers: Headers = {}
  if (reply.versionId !== undefined) headers.etag = `W/"${reply.versionId}"`
  if (reply.lastModified !== undefined) headers['last-modified'] = httpDate(reply.lastModified)
  if (reply.location !== undefined) headers.location = `${base}/${reply.location}`
  const content = contentLocation(reply, resource)
  if (content !== undefined) headers['content-location'] = `${base}/${content}`
  return headers
}

/** Where exactly the version in the body can be found again (RFC 9110, section 8.7). */
const contentLocation = (reply: Reply, resource: string | undefined): string | undefined => {
  if (reply.body === undefined || reply.versionId === undefined) return undefined
  if (reply.location !== undefined) return reply.location
  return resource === undefined ? undefined : `${resource}/_history/${reply.versionId}`
}

let lastSecond = Number.NaN
let lastText = ''

/** IMF-fixdate; milliseconds are cut off. Formatting costs more than the look whether it is the same second again. */
export const httpDate = (at: number): string => {
  const second = Math.floor(at / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastText = new Date(second * 1000).toUTCString()
  }
  return lastText
}
