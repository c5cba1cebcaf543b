/** Binary in its raw form: http://hl7.org/fhir/R4/binary.html#rest, see CLARIFICATIONS on Accept and on ranges. */
import type { IncomingHttpHeaders } from 'node:http'
import { Problem } from '../base/problem.ts'
import type { Reply } from '../rest/index.ts'
import { parseRange } from './byte-range.ts'
import { cacheHeaders, type Headers } from './cache-headers.ts'
import { asksForFhir, parseWishes } from './negotiate.ts'

/** A JSON Binary around raw bytes; `id` for an update. The declared type is kept as it was sent. */
export const wrapBinary = (bytes: Buffer, headers: IncomingHttpHeaders, id: string | undefined): string => {
  const context = headers['x-security-context']
  return JSON.stringify({
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType: (headers['content-type'] ?? 'application/octet-stream').trim().replace(/\s+/g, ' '),
    ...(typeof context === 'string' ? { securityContext: { reference: context.trim() } } : {}),
    ...(bytes.length === 0 ? {} : { data: bytes.toString('base64') }),
  })
}

/** Raw content as it goes out. */
export type RawContent = { readonly status: 200 | 206; readonly headers: Headers; readonly bytes: Buffer }

/**
 * The content of the Binary in `reply`; undefined when the client is to get the resource instead: it asks for a FHIR
 * type or for JSON, or the Binary has no content. Throws 416.
 */
export const rawContent = (
  reply: Reply,
  request: {
    readonly headers: IncomingHttpHeaders
    readonly format: string | undefined
    readonly base: string
  },
): RawContent | undefined => {
  const { accept } = request.headers
  if (
    reply.status !== 200 ||
    reply.body === undefined ||
    request.format !== undefined ||
    asksForFhir(accept)
  ) {
    return undefined
  }
  const { contentType, data } = JSON.parse(reply.body.join('')) as { contentType?: unknown; data?: unknown }
  if (typeof data !== 'string' || typeof contentType !== 'string') return undefined
  if (!isHeaderText(contentType) || wantsResource(contentType, accept)) return undefined
  const bytes = Buffer.from(data, 'base64')
  return cut(bytes, rawHeaders(reply, contentType, request.base), request.headers)
}

const isHeaderText = (text: string): boolean => /^[\x20-\x7e]+$/.test(text)

/** `Accept: application/json` alone: a client that asks for JSON everywhere gets the resource, unless content is JSON. */
const wantsResource = (contentType: string, accept: string | undefined): boolean => {
  if (accept === undefined) return false
  const names = parseWishes(accept).filter((wish) => wish.weight > 0)
  return ['json', 'xml'].some(
    (form) =>
      !contentType.toLowerCase().includes(form) &&
      names.length > 0 &&
      names.every(({ name }) => name === `application/${form}` || name === `text/${form}`),
  )
}

const rawHeaders = (reply: Reply, contentType: string, base: string): Headers => ({
  ...cacheHeaders(reply, base, undefined),
  // The bytes of a version never change, so here the tag may be strong; If-Range works with no other.
  ...(reply.versionId === undefined ? {} : { etag: `"${reply.versionId}"` }),
  'content-type': contentType,
  'accept-ranges': 'bytes',
  // Content comes from anybody: a browser must neither guess another type nor run it with the server's origin.
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
  'content-disposition': 'attachment',
})

const cut = (bytes: Buffer, headers: Headers, asked: IncomingHttpHeaders): RawContent => {
  const whole: RawContent = { status: 200, headers, bytes }
  if (!isRangeValid(asked['if-range'], headers)) return whole
  const range = parseRange(asked.range, bytes.length)
  if (range === undefined) return whole
  if (range === 'unsatisfiable') throw unsatisfiable(bytes.length)
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${range.first}-${range.last}/${bytes.length}` },
    bytes: bytes.subarray(range.first, range.last + 1),
  }
}

/** RFC 9110, section 13.1.5: a date must be the exact one, a tag must be the strong one. */
const isRangeValid = (ifRange: string | string[] | undefined, headers: Headers): boolean =>
  ifRange === undefined || ifRange === headers.etag || ifRange === headers['last-modified']

/** 416 with the length there is, which goes into `Content-Range`. */
export class RangeProblem extends Problem {
  readonly length: number
  constructor(length: number) {
    super(416, [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The byte range begins behind the end of the content, which has ${length} bytes.`,
      },
    ])
    this.length = length
  }
}

const unsatisfiable = (length: number): RangeProblem => new RangeProblem(length)
