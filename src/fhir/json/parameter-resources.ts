/** The texts of the resources in Parameters, with their numbers as they were written: http://hl7.org/fhir/R4/parameters.html */
import { valueEnd } from './scan.ts'
import { walkArray, walkObject } from './walk.ts'

/** By position of the parameter, for compact text; parameters without a resource have no text. Parts are left out. */
export const parameterResources = (text: string): readonly (string | undefined)[] => {
  const found: (string | undefined)[] = []
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    if (name !== 'parameter' || text.charCodeAt(valueAt) !== 91) return valueEnd(text, valueAt)
    return walkArray(text, valueAt, (at) => {
      const { resource, end } = resourceOf(text, at)
      found.push(resource)
      return end
    })
  })
  return found
}

const resourceOf = (
  text: string,
  open: number,
): { readonly resource: string | undefined; readonly end: number } => {
  let resource: string | undefined
  const end = walkObject(text, open, (name, _nameAt, valueAt) => {
    const to = valueEnd(text, valueAt)
    if (name === 'resource') resource = text.slice(valueAt, to)
    return to
  })
  return { resource, end }
}
