/** Keeps some top-level elements of a resource's text and marks it as a subset (http://hl7.org/fhir/R4/search.html#elements). */
import { valueEnd } from './scan.ts'
import type { JsonObject } from './value.ts'
import { walkObject } from './walk.ts'

const observationValue = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'
const subsetted = `{"system":"${observationValue}","code":"SUBSETTED","display":"subsetted"}`

const always = new Set(['resourceType', 'id', 'meta'])

const isKept = (names: ReadonlySet<string>, member: string): boolean =>
  always.has(member) || names.has(member) || (member.startsWith('_') && names.has(member.slice(1)))

/**
 * Compact, valid resource text with only the named top-level members (and their `_` companions), resourceType, id and
 * meta, each as it was written. Names are those of JSON: a choice is named by its member, `valueQuantity`.
 * meta.tag always says SUBSETTED, as a client must never write such a text back.
 */
export const selectElements = (text: string, names: ReadonlySet<string>): string => {
  const kept: string[] = []
  let metaPlace = 0
  let meta = `"meta":{"tag":[${subsetted}]}`
  walkObject(text, 0, (name, nameAt, valueAt) => {
    const to = valueEnd(text, valueAt)
    if (name === 'meta') meta = `"meta":${tagged(text.slice(valueAt, to))}`
    else if (isKept(names, name)) kept.push(text.slice(nameAt, to))
    if (name === 'meta' || (name === 'resourceType' && metaPlace === 0) || name === 'id')
      metaPlace = kept.length
    return to
  })
  kept.splice(metaPlace, 0, meta)
  return `{${kept.join(',')}}`
}

/** The text of a meta object with the tag added, once. */
const tagged = (meta: string): string => {
  if (!meta.startsWith('{')) return `{"tag":[${subsetted}]}`
  let tags: { readonly from: number; readonly to: number } | undefined
  walkObject(meta, 0, (name, _nameAt, valueAt) => {
    const to = valueEnd(meta, valueAt)
    if (name === 'tag' && meta.charCodeAt(valueAt) === 91) tags = { from: valueAt, to }
    return to
  })
  if (!tags) return `${meta.slice(0, -1)}${meta === '{}' ? '' : ','}"tag":[${subsetted}]}`
  const text = meta.slice(tags.from, tags.to)
  if (hasSubsetted(text)) return meta
  const comma = text === '[]' ? '' : ','
  return `${meta.slice(0, tags.to - 1)}${comma}${subsetted}${meta.slice(tags.to - 1)}`
}

const hasSubsetted = (tags: string): boolean =>
  (JSON.parse(tags) as (JsonObject | null)[]).some(
    (tag) => tag?.code === 'SUBSETTED' && tag.system === observationValue,
  )
