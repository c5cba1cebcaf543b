/** Takes masked elements out of what leaves: http://hl7.org/fhir/R4/search.html#elements (SUBSETTED) */
import { selectElements } from '../../fhir/json/select.ts'
import type { House } from '../house.ts'
import type { Viewer } from './sight.ts'

/** The elements of a type that a caller must not see. The narrative may repeat them, so it goes with them. */
export const maskedElements = ({ access }: Pick<Viewer, 'access'>, type: string): readonly string[] => {
  const names = access.masked(type, 'r')
  return names.length === 0 || names.includes('text') ? names : [...names, 'text']
}

/** Gives the text of a resource without the elements that are masked. */
export const masker = (house: House, viewer: Viewer): ((type: string, text: string) => string) => {
  const kept = new Map<string, ReadonlySet<string> | undefined>()
  return (type, text) => {
    if (!kept.has(type)) kept.set(type, keptElements(house, viewer, type))
    const names = kept.get(type)
    return names ? selectElements(text, names) : text
  }
}

const keptElements = (
  { definitions }: House,
  viewer: Viewer,
  type: string,
): ReadonlySet<string> | undefined => {
  const masked = new Set(maskedElements(viewer, type))
  if (masked.size === 0) return undefined
  const all = [...(definitions.types.get(type)?.elements.keys() ?? [])]
  return new Set(all.filter((name) => !masked.has(name)))
}
