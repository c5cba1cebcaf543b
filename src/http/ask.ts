/** An HTTP request as the house's `Request`: http://hl7.org/fhir/R4/http.html */
import type { IncomingHttpHeaders } from 'node:http'
import { nearest } from '../base/nearest.ts'
import { invalid, notFound, Problem } from '../base/problem.ts'
import { ndjsonBatch } from '../fhir/ndjson-batch.ts'
import { isResourceType, resourceTypes } from '../fhir/resource-types.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import type { Interaction, Request } from '../rest/index.ts'
import { wrapBinary } from './binary.ts'
import {
  checkFormMedia,
  checkResourceMedia,
  decodeText,
  decodeXml,
  isFhirMedia,
  isNdjsonMedia,
  isXmlMedia,
  type MediaType,
  parseMediaType,
  patchFormat,
} from './media.ts'
import { parsePrefer } from './prefer.ts'
import { type Pair, parseQuery } from './query.ts'

/** What Fastify knows of a request: path parameters, the raw query string, the bytes or why there are none. */
export type Arrived = {
  readonly method: string
  readonly interaction: Interaction
  readonly params: {
    readonly type?: string
    readonly id?: string
    readonly versionId?: string
    readonly within?: string
    readonly operation?: string
  }
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer | Problem | undefined
}

/** `isXml` and `isNdjson` until it has become JSON. */
type ArrivedBody = NonNullable<Request['body']> & { readonly isXml?: boolean; readonly isNdjson?: boolean }

type Mutable<T> = { -readonly [member in keyof T]: T[member] }
type Draft = Mutable<Omit<Request, 'body'>> & { body?: ArrivedBody }

/** The text of a resource, and whether it is XML. */
const textOf = (bytes: Buffer, media: MediaType | undefined): ArrivedBody =>
  isXmlMedia(media) ? { text: decodeXml(bytes), isXml: true } : { text: decodeText(bytes) }

/** Throws 404 unless the path names a resource type. */
export const checkType = (type: string | undefined): void => {
  if (type === undefined || isResourceType(type)) return
  const meant = nearest(type, resourceTypes)
  const hint = meant ? ` Did you mean ${meant}?` : ' See the CapabilityStatement at /fhir/metadata.'
  throw notFound(`${shown(type)} is not a resource type of FHIR R4.${hint}`)
}

const shown = (text: string): string => (text.length > 64 ? `${text.slice(0, 64)}…` : text)

/** The pairs of a form body; none for other requests. Throws 415 or 400. */
export const formPairs = ({ method, interaction, headers, body }: Arrived): readonly Pair[] => {
  if (method !== 'POST' || !interaction.startsWith('search-')) return []
  if (body instanceof Problem) throw body
  if (body === undefined || body.length === 0) return []
  checkFormMedia(parseMediaType(headers['content-type']))
  return parseQuery(decodeText(body))
}

/**
 * `query` without the pairs that say how to answer. A body in XML becomes JSON, which takes its turns. Throws the
 * refusals that need no look into the resource, and those of the XML.
 */
export const ask = (
  arrived: Arrived,
  query: readonly Pair[],
  xml: Pick<Xml, 'readInTurns'>,
): Request | Promise<Request> => {
  const { interaction, params, headers } = arrived
  const draft: Draft = { interaction, query }
  if (params.within !== undefined) addCompartment(draft, params, params.within)
  else {
    if (params.type !== undefined) draft.type = params.type
    if (params.id !== undefined) draft.id = params.id
  }
  if (params.versionId !== undefined) draft.versionId = params.versionId
  if (params.operation !== undefined) {
    draft.operation = params.operation
    draft.posted = arrived.method === 'POST'
  }
  addBody(draft, arrived)
  addHeaders(draft, headers)
  if (draft.body?.isNdjson) return withBatch(draft, draft.body)
  return draft.body?.isXml ? withJson(draft, draft.body, xml) : draft
}

const withJson = async (
  draft: Draft,
  { text, patch }: ArrivedBody,
  xml: Pick<Xml, 'readInTurns'>,
): Promise<Request> => {
  const json = await xml.readInTurns(text)
  return { ...draft, body: { text: json, xml: text, ...(patch === undefined ? {} : { patch }) } }
}

const withBatch = async (draft: Draft, { text }: ArrivedBody): Promise<Request> => ({
  ...draft,
  body: await ndjsonBatch(text),
})

/** `Patient/1/Observation`, and `Patient/1/*` for all types. */
const addCompartment = (draft: Draft, { type = '', id = '' }: Arrived['params'], within: string): void => {
  draft.compartment = { type, id }
  if (within === '*') draft.interaction = 'search-system'
  else {
    checkType(within)
    draft.type = within
  }
}

const addHeaders = (draft: Draft, headers: IncomingHttpHeaders): void => {
  if (headers['if-match'] !== undefined) draft.ifMatch = headers['if-match']
  if (headers['if-none-match'] !== undefined) draft.ifNoneMatch = headers['if-none-match']
  if (headers['if-modified-since'] !== undefined) draft.ifModifiedSince = headers['if-modified-since']
  const ifNoneExist = headers['if-none-exist']
  if (ifNoneExist !== undefined)
    draft.ifNoneExist = Array.isArray(ifNoneExist) ? ifNoneExist.join('&') : ifNoneExist
  const provenance = headers['x-provenance']
  if (typeof provenance === 'string') draft.provenance = provenance
  if (headers.prefer === undefined) return
  const prefer = parsePrefer(Array.isArray(headers.prefer) ? headers.prefer.join(',') : headers.prefer)
  if (prefer.lenient !== undefined) draft.lenient = prefer.lenient
  if (prefer.return !== undefined) draft.return = prefer.return
}

const addBody = (draft: Draft, { body, headers, params }: Arrived): void => {
  if (draft.interaction === 'operation') {
    addInput(draft, body, headers)
    return
  }
  if (!takesBody(draft.interaction)) return
  if (body instanceof Problem) throw body
  const media = parseMediaType(headers['content-type'])
  if (draft.type === 'Binary' && draft.interaction !== 'patch' && !isFhirMedia(media)) {
    draft.body = { text: wrapBinary(body ?? Buffer.alloc(0), headers, params.id) }
    return
  }
  if (body === undefined || body.length === 0)
    throw invalid('This request needs a body. Send the resource as JSON or XML.')
  if (draft.interaction === 'patch') {
    const patch = patchFormat(media)
    draft.body = { ...textOf(body, media), patch }
    return
  }
  if (draft.interaction === 'batch' && isNdjsonMedia(media)) {
    draft.body = { text: decodeText(body), isNdjson: true }
    return
  }
  checkResourceMedia(media)
  draft.body = textOf(body, media)
}

/** Parameters, a resource, or any content, which comes as a Binary. An operation without parameters needs no body. */
const addInput = (draft: Draft, body: Arrived['body'], headers: IncomingHttpHeaders): void => {
  if (!draft.posted) return
  if (body instanceof Problem) throw body
  if (body === undefined || body.length === 0) return
  const media = parseMediaType(headers['content-type'])
  if (!isFhirMedia(media) && !isXmlMedia(media)) {
    draft.body = { text: wrapBinary(body, headers, undefined) }
    return
  }
  checkResourceMedia(media)
  draft.body = textOf(body, media)
}

const takesBody = (interaction: Interaction): boolean =>
  interaction === 'create' || interaction === 'update' || interaction === 'patch' || interaction === 'batch'
