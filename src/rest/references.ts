/** References to resources of this server inside a resource's text: http://hl7.org/fhir/R4/references.html */
import { isId } from '../base/id.ts'
import { stringEnd } from '../fhir/json/scan.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import type { ResourceKey } from '../store/index.ts'

/** In JSON of FHIR a string member named `reference` is always Reference.reference. */
const member = '"reference":"'

/** All values of Reference.reference in compact, valid resource text, each once, in order. */
export const referencesIn = (text: string): string[] => {
  const found = new Set<string>()
  for (let at = text.indexOf(member); at >= 0; ) {
    const from = at + member.length
    const end = stringEnd(text, from - 1)
    const raw = text.slice(from, end - 1)
    found.add(raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw)
    at = text.indexOf(member, end)
  }
  return [...found]
}

/** Which resource of this server a literal reference means; undefined for anything else. `base` without final slash. */
export const localReference = (reference: string, base: string): ResourceKey | undefined => {
  const relative =
    reference.startsWith(base) && reference[base.length] === '/'
      ? reference.slice(base.length + 1)
      : reference
  const slash = relative.indexOf('/')
  // Nearly all are `Type/id`.
  if (slash > 0 && relative.indexOf('/', slash + 1) < 0 && !relative.includes('#'))
    return keyOf(relative.slice(0, slash), relative.slice(slash + 1))
  const [type, id, history, version, ...rest] = (relative.split('#', 1)[0] ?? '').split('/')
  if (type === undefined || id === undefined || rest.length > 0) return undefined
  if (history !== undefined && (history !== '_history' || version === undefined)) return undefined
  return keyOf(type, id)
}

const keyOf = (type: string, id: string): ResourceKey | undefined =>
  isResourceType(type) && isId(id) ? { type, id } : undefined

/** A conditional reference, `Patient?identifier=1`: http://hl7.org/fhir/R4/http.html#trules */
export const conditionalReference = (reference: string): { type: string; query: string } | undefined => {
  const mark = reference.indexOf('?')
  if (mark < 1) return undefined
  const type = reference.slice(0, mark)
  return isResourceType(type) ? { type, query: reference.slice(mark + 1) } : undefined
}
