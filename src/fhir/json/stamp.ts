/** Sets what the server owns in a resource's text — id, meta.versionId, meta.lastUpdated — and leaves every other character (http://hl7.org/fhir/R4/resource.html#Meta). */
import { stringEnd, valueEnd } from './scan.ts'
import type { JsonObject } from './value.ts'
import { stringAt, walkObject } from './walk.ts'

/** Whole text = head + versionId + middle + lastUpdated + tail; only the database knows the two values. */
export const middle = '","lastUpdated":"'
export type Stamped = { readonly head: string; readonly tail: string }

/** Where a top-level member stands: from its name to the end of its value. */
type Span = { readonly from: number; readonly valueAt: number; readonly to: number }

type Places = { resourceType?: Span; id?: Span; meta?: Span }

/** False only when no member at any depth has the name; a letter in a name can be disguised only by a \u escape. */
const mayHave = (text: string, name: string): boolean => text.includes(`${name}":`) || text.includes('\\u')

const placesOf = (text: string, value: JsonObject | undefined): Places => {
  const places: Places = {}
  const isThere = (name: 'id' | 'meta'): boolean => (value ? value[name] !== undefined : mayHave(text, name))
  let missing = 1 + Number(isThere('id')) + Number(isThere('meta'))
  walkObject(text, 0, (name, from, valueAt) => {
    const to = valueEnd(text, valueAt)
    if (name !== 'resourceType' && name !== 'id' && name !== 'meta') return to
    places[name] = { from, valueAt, to }
    return --missing === 0 ? -1 : to
  })
  return places
}

const serverOwned = new Set(['versionId', '_versionId', 'lastUpdated', '_lastUpdated'])

/** The members of meta that the client owns, each with a comma in front. */
const keptMeta = (text: string, meta: Span): string => {
  if (text.charCodeAt(meta.valueAt) !== 123) return ''
  let kept = ''
  walkObject(text, meta.valueAt, (name, nameAt, valueAt) => {
    const to = valueEnd(text, valueAt)
    if (!serverOwned.has(name)) kept += `,${text.slice(nameAt, to)}`
    return to
  })
  return kept
}

const metaStart = '"meta":{"versionId":"'

/**
 * Sets id and meta in compact, valid resource text. The id stays in its place, or follows resourceType; meta stays in
 * its place, or follows the id. The client's versionId and lastUpdated give way, meta's other members stay as text.
 * `value` is what the text says, in which no name stands twice: so it need not be looked through for what is not there.
 */
export const stamp = (text: string, id: string, value?: JsonObject): Stamped => {
  const { resourceType, id: oldId, meta } = placesOf(text, value)
  const newId = `"id":"${id}"`
  const anchor = oldId ?? resourceType
  if (!anchor) throw new Error('A resource without resourceType cannot be stamped; validate it first.')
  const idText = oldId ? newId : `${text.slice(anchor.from, anchor.to)},${newId}`
  if (!meta) {
    return {
      head: `${text.slice(0, anchor.from)}${idText},${metaStart}`,
      tail: `"}${text.slice(anchor.to)}`,
    }
  }
  const kept = `"${keptMeta(text, meta)}}`
  if (meta.from > anchor.from) {
    return {
      head: `${text.slice(0, anchor.from)}${idText}${text.slice(anchor.to, meta.from)}${metaStart}`,
      tail: kept + text.slice(meta.to),
    }
  }
  return {
    head: text.slice(0, meta.from) + metaStart,
    tail: kept + text.slice(meta.to, anchor.from) + idText + text.slice(anchor.to),
  }
}

/** The whole text, as the database puts it together. `lastUpdated` is a FHIR instant. */
export const seal = (stamped: Stamped, versionId: number, lastUpdated: string): string =>
  stamped.head + versionId + middle + lastUpdated + stamped.tail

/** A top-level string member of compact, valid resource text, without parsing the rest; undefined when absent. */
export const memberOf = (text: string, member: string): string | undefined => {
  let found: string | undefined
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    if (name !== member) return valueEnd(text, valueAt)
    if (text.charCodeAt(valueAt) === 34) found = stringAt(text, valueAt, stringEnd(text, valueAt))
    return -1
  })
  return found
}

/** The id of compact, valid resource text. */
export const idOf = (text: string): string | undefined => memberOf(text, 'id')
