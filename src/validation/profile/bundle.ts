/** Bundles: full URLs, and what each type of Bundle must and must not have: http://hl7.org/fhir/R4/bundle.html */
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { candidatesFor } from './references.ts'
import { isPlain } from './values.ts'

const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/
const restful = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/

/** What invariants cannot say, or say without a place. */
export const bundleRule = (bundle: JsonObject, up: Place, run: Judgement): void => {
  const entries = Array.isArray(bundle.entry) ? bundle.entry : []
  for (const [index, entry] of entries.entries()) {
    if (!isPlain(entry)) continue
    const place: Place = { up, name: 'entry', index, type: 'Bundle.entry' }
    if (typeof entry.fullUrl === 'string') fullUrlRule(entry.fullUrl, entry, place, run)
    if (bundle.type === 'searchset') searchRule(entry, place, run)
    if (bundle.type === 'transaction' || bundle.type === 'batch') requestRule(entry, place, run)
  }
  if (bundle.type === 'document') documentRule(bundle, up, run)
}

const fullUrlRule = (fullUrl: string, entry: JsonObject, up: Place, run: Judgement): void => {
  const place: Place = { up, name: 'fullUrl', index: -1, type: 'uri' }
  const form = formOf(fullUrl)
  if (form !== undefined) {
    run.error('value', 'bundle-full-url', place, form)
    return
  }
  const [, type, id] = restful.exec(fullUrl) ?? []
  const { resource } = entry
  if (type === undefined || !isPlain(resource) || typeof resource.id !== 'string') return
  if (run.registry.definitions.types.get(type)?.kind !== 'resource') return
  if (type !== resource.resourceType || id !== resource.id)
    run.error(
      'value',
      'bundle-full-url-id',
      place,
      `says ${type}/${id}, and the resource is ${resource.resourceType}/${resource.id}.`,
    )
}

/** What is wrong with it; undefined when nothing is. */
const formOf = (fullUrl: string): string | undefined => {
  if (fullUrl.startsWith('urn:uuid:') && !uuid.test(fullUrl))
    return 'must be urn:uuid: with a UUID in lower case.'
  if (fullUrl.startsWith('urn:oid:') && !oid.test(fullUrl)) return 'must be urn:oid: with an OID.'
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(fullUrl)
    ? undefined
    : 'must be absolute, such as http://host/fhir/Patient/1 or urn:uuid:….'
}

const searchRule = (entry: JsonObject, up: Place, run: Judgement): void => {
  const { resource } = entry
  if (!isPlain(resource) || resource.resourceType === 'OperationOutcome' || resource.id !== undefined) return
  const place: Place = { up, name: 'resource', index: -1, type: String(resource.resourceType) }
  run.error('required', 'bundle-search-id', place, 'is a result of a search and has no id.')
}

const bodied = new Set(['POST', 'PUT', 'PATCH'])

const requestRule = (entry: JsonObject, up: Place, run: Judgement): void => {
  const { request, resource } = entry
  if (!isPlain(request)) return
  const place: Place = { up, name: 'resource', index: -1, type: 'Resource' }
  const wants = typeof request.method === 'string' && bodied.has(request.method)
  if (wants && resource === undefined)
    run.error('required', 'bundle-request', place, `is missing; ${request.method} needs it.`)
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/.exec(String(request.url)) ?? []
  if (request.method !== 'PUT' || type === undefined || !isPlain(resource)) return
  if (type !== resource.resourceType || (typeof resource.id === 'string' && id !== resource.id))
    run.error(
      'value',
      'bundle-request',
      place,
      `is ${resource.resourceType}/${resource.id}, and the request puts ${type}/${id}.`,
    )
}

const direct = ['subject', 'encounter', 'author', 'custodian'] as const

/** What a Composition refers to by its own server must be in the document: http://hl7.org/fhir/R4/documents.html#content */
const documentRule = (bundle: JsonObject, up: Place, run: Judgement): void => {
  const first = Array.isArray(bundle.entry) && isPlain(bundle.entry[0]) ? bundle.entry[0] : undefined
  const composition = first?.resource
  if (!isPlain(composition) || composition.resourceType !== 'Composition') return
  const entry: Place = { up, name: 'entry', index: 0, type: 'Bundle.entry' }
  const place: Place = { up: entry, name: 'resource', index: -1, type: 'Composition' }
  const scope = {
    resource: composition,
    root: composition,
    bundle: run.indexOf(bundle),
    ...(typeof first?.fullUrl === 'string' ? { fullUrl: first.fullUrl } : {}),
  }
  const look = (value: unknown, at: Place): void => {
    if (!isPlain(value) || typeof value.reference !== 'string' || value.reference.startsWith('#')) return
    const found = candidatesFor(value.reference, scope).length
    const isForeign = /^https?:/.test(value.reference)
    if (found > 1)
      run.error(
        'multiple-matches',
        'document-reference',
        at,
        `refers to ${found} entries; make the reference name one version.`,
      )
    else if (found === 0 && !isForeign)
      run.error(
        'not-found',
        'document-reference',
        at,
        'refers to a resource that the document does not have; add it with a matching fullUrl.',
      )
  }
  for (const name of direct) each(composition, name, place, look)
  sections(composition, place, look)
}

type Look = (value: unknown, place: Place) => void

const each = (owner: JsonObject, name: string, up: Place, look: Look): void => {
  const value = owner[name]
  if (!Array.isArray(value)) look(value, { up, name, index: -1, type: 'Reference' })
  else for (const [index, item] of value.entries()) look(item, { up, name, index, type: 'Reference' })
}

const sections = (owner: JsonObject, up: Place, look: Look): void => {
  if (!Array.isArray(owner.section)) return
  for (const [index, section] of owner.section.entries()) {
    if (!isPlain(section)) continue
    const place: Place = { up, name: 'section', index, type: 'Composition.section' }
    for (const name of ['author', 'focus', 'entry']) each(section, name, place, look)
    sections(section, place, look)
  }
}
