/** The contained resources of a resource's text, each as it was written: http://hl7.org/fhir/R4/references.html#contained */
import { valueEnd } from './scan.ts'
import { walkArray, walkObject } from './walk.ts'

/** The texts of the elements of `contained`, of compact and valid resource text; none when it is absent. */
export const containedTexts = (text: string): readonly string[] => {
  const found: string[] = []
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    if (name !== 'contained' || text.charCodeAt(valueAt) !== 91) return valueEnd(text, valueAt)
    walkArray(text, valueAt, (at) => {
      const end = valueEnd(text, at)
      found.push(text.slice(at, end))
      return end
    })
    return -1
  })
  return found
}
