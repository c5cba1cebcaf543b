/** The entries of a batch or transaction as requests: http://hl7.org/fhir/R4/bundle.html#transaction */
import { invalid } from '../../base/problem.ts'
import type { BundleEntry, EntryResource } from '../../fhir/json/bundle.ts'
import { changed } from '../../fhir/json/read.ts'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { isResourceType } from '../../fhir/resource-types.ts'
import type { House } from '../house.ts'
import { parseBody } from '../prepare.ts'
import type { Interaction, PatchFormat, Request } from '../request.ts'

/** One entry. `index` counts from 0; `resource` is not parsed yet. */
export type Entry = {
  readonly index: number
  readonly request: Request
  readonly fullUrl?: string
  readonly resource?: EntryResource
  /** HEAD: the answer is the one to GET without its resource. */
  readonly head?: true
}

/** The whole body of a request as an entry's resource. */
export const aloneResource = (house: House, text: string): EntryResource => ({
  text,
  parse: (change) => {
    const json = parseBody(house, text)
    return change ? changed(json, change) : json
  },
})

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

type Target = Pick<Request, 'type' | 'id' | 'versionId' | 'compartment' | 'operation'> & {
  readonly history?: boolean
  readonly search?: boolean
}

/** Splits `Patient/1/_history/2`; throws for anything that is no path of the REST API. */
const targetOf = (path: string): Target => {
  const parts = path.split('/').filter((part) => part !== '')
  const called = parts.at(-1)
  if (called?.startsWith('$') && parts.length <= 3) {
    const [type, id] = parts.slice(0, -1)
    return {
      ...(type === undefined ? {} : { type }),
      ...(id === undefined ? {} : { id }),
      operation: called.slice(1),
    }
  }
  if (parts.length === 0) return {}
  if (parts[0] === '_history' && parts.length === 1) return { history: true }
  const [type = '', id, history, versionId, ...rest] = parts
  if (history !== undefined && versionId === undefined && (history === '*' || isResourceType(history)))
    return { compartment: { type, id: id ?? '' }, ...(history === '*' ? {} : { type: history }) }
  if (rest.length > 0 || (history !== undefined && history !== '_history'))
    throw invalid(`${JSON.stringify(path)} is not a path of the REST API.`)
  if (id === undefined) return { type }
  if (id === '_history' && history === undefined) return { type, history: true }
  if (id === '_search' && history === undefined) return { type, search: true }
  if (history === undefined) return { type, id }
  return versionId === undefined ? { type, id, history: true } : { type, id, versionId }
}

const readInteraction = ({ type, id, versionId, history }: Target): Interaction => {
  if (versionId !== undefined) return 'vread'
  if (history)
    return id !== undefined ? 'history-instance' : type !== undefined ? 'history-type' : 'history-system'
  if (id !== undefined) return 'read'
  if (type === 'metadata') return 'capabilities'
  return type === undefined ? 'search-system' : 'search-type'
}

const interactionOf = (method: Method, target: Target, url: string): Interaction => {
  if (target.operation !== undefined) {
    if (method === 'GET' || method === 'POST') return 'operation'
    throw invalid(`${method} ${JSON.stringify(url)} is no call of an operation; use GET or POST.`)
  }
  if (method === 'GET' || method === 'HEAD') return readInteraction(target)
  if (method === 'POST' && target.search) return 'search-type'
  const writable =
    target.compartment === undefined &&
    target.type !== undefined &&
    target.versionId === undefined &&
    !target.history &&
    !target.search
  if (!writable) throw invalid(`${method} ${JSON.stringify(url)} is not an interaction of the REST API.`)
  if (method === 'POST') {
    if (target.id !== undefined)
      throw invalid(
        `POST creates under a new id: use POST ${target.type} or PUT ${target.type}/${target.id}.`,
      )
    return 'create'
  }
  return method === 'PUT' ? 'update' : method === 'PATCH' ? 'patch' : 'delete'
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalid(`${JSON.stringify(text)} is not percent-encoded correctly.`)
  }
}

/** The decoded pairs of a query string, in order. */
export const queryPairs = (text: string): [string, string][] =>
  text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [decode(part), ''] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]
    })

/** Relative to the base: `http://host/fhir/Patient/1` and `/Patient/1` are `Patient/1`. */
const relativeUrl = (url: string, base: string): string => {
  if (url.startsWith(`${base}/`)) return url.slice(base.length + 1)
  if (/^[a-z][a-z0-9+.-]*:/i.test(url))
    throw invalid(`${JSON.stringify(url)} is not on this server; use a URL relative to ${base}.`)
  return url.replace(/^\//, '')
}

const methods: readonly Method[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const text = (object: JsonObject, name: string): string | undefined => {
  const value: JsonValue | undefined = object[name]
  return typeof value === 'string' ? value : undefined
}

const patchFormats: Record<string, PatchFormat> = {
  'application/json-patch+json': 'json-patch',
  'application/merge-patch+json': 'merge-patch',
}

/** In a Bundle a patch document comes as a Binary, or as Parameters (FHIRPath Patch). */
const patchBody = (resource: EntryResource): { text: string; patch: PatchFormat } => {
  const { value, text: whole } = resource.parse()
  if (value.resourceType === 'Parameters') return { text: whole, patch: 'fhirpath-patch' }
  const patch = value.resourceType === 'Binary' ? patchFormats[String(value.contentType)] : undefined
  if (patch === undefined || typeof value.data !== 'string')
    throw invalid(
      'A PATCH entry needs Parameters, or a Binary with contentType application/json-patch+json and data.',
    )
  return { text: Buffer.from(value.data, 'base64').toString('utf8'), patch }
}

const header = (request: JsonObject, name: 'ifMatch' | 'ifNoneMatch' | 'ifModifiedSince' | 'ifNoneExist') => {
  const value = text(request, name)
  return value === undefined ? {} : { [name]: value }
}

/** How the outer request's `Prefer` passes on to the entries. */
export type EntryPreferences = Pick<Request, 'lenient' | 'return'>

/** The resource of a POST is the operation's input and nothing to be written. */
const calling = (operation: string, method: Method, resource: EntryResource | undefined) => ({
  operation,
  posted: method === 'POST',
  ...(resource ? { body: { text: resource.text } } : {}),
})

/** The entry as a request. Throws 400 for what cannot be one. */
export const readEntry = (
  entry: BundleEntry,
  index: number,
  base: string,
  preferences: EntryPreferences,
): Entry => {
  const request = entry.shell.request as JsonObject | undefined
  if (!request) throw invalid('The entry has no request; every entry of a batch or transaction needs one.')
  const method = methods.find((m) => m === request.method)
  const url = text(request, 'url')
  if (!method || url === undefined)
    throw invalid(`request needs a url and one of the methods ${methods.join(', ')}.`)
  const relative = relativeUrl(url, base)
  const mark = relative.indexOf('?')
  const target = targetOf(decode(mark < 0 ? relative : relative.slice(0, mark)))
  const interaction = interactionOf(method, target, url)
  const needsResource = interaction === 'create' || interaction === 'update' || interaction === 'patch'
  if (needsResource && !entry.resource) throw invalid(`${method} needs a resource in the entry.`)
  const takesResource = needsResource || (interaction === 'operation' && method === 'POST')
  if (!takesResource && entry.resource)
    throw invalid(
      interaction === 'search-type'
        ? 'A search takes no resource in the entry; put its parameters into the url.'
        : `${method} takes no resource in the entry.`,
    )
  const fullUrl = text(entry.shell, 'fullUrl')
  return {
    index,
    request: {
      interaction,
      ...(target.type === undefined || interaction === 'capabilities' ? {} : { type: target.type }),
      ...(target.id === undefined ? {} : { id: target.id }),
      ...(target.compartment === undefined ? {} : { compartment: target.compartment }),
      ...(target.versionId === undefined ? {} : { versionId: target.versionId }),
      ...(target.operation === undefined ? {} : calling(target.operation, method, entry.resource)),
      query: mark < 0 ? [] : queryPairs(relative.slice(mark + 1)),
      ...(interaction === 'patch' ? { body: patchBody(entry.resource!) } : {}),
      ...header(request, 'ifMatch'),
      ...header(request, 'ifNoneMatch'),
      ...header(request, 'ifModifiedSince'),
      ...header(request, 'ifNoneExist'),
      ...preferences,
    },
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(method === 'HEAD' ? { head: true } : {}),
    ...(entry.resource && needsResource && interaction !== 'patch' ? { resource: entry.resource } : {}),
  }
}
