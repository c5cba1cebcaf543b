/** Names every repeated member of JSON text: JSON.parse keeps the last one silently, FHIR forbids it (http://hl7.org/fhir/R4/json.html). */
import { type Position, positionAt } from './position.ts'
import { skipSpace, stringEnd, valueEnd } from './scan.ts'
import { stringAt, walkArray, walkObject } from './walk.ts'

/** `path` is FHIRPath-like: `Patient.name[0].family`. `line` and `column` are those of the repetition, from 1. */
export type DuplicateMember = Position & { readonly path: string; readonly name: string }

/** Finding the line of each costs a look at the text before it. */
const mostFound = 100

/** The first repeated members of valid JSON text, in the order in which they stand. Give the original text for useful lines. */
export const duplicateMembers = (text: string): readonly DuplicateMember[] => {
  const found: DuplicateMember[] = []

  const ofObject = (open: number, path: string): number => {
    const seen = new Set<string>()
    return walkObject(text, open, (name, nameAt, valueAt) => {
      const memberPath = path === '' ? name : `${path}.${name}`
      if (seen.has(name) && found.length < mostFound)
        found.push({ path: memberPath, name, ...positionAt(text, nameAt) })
      seen.add(name)
      return ofValue(valueAt, memberPath)
    })
  }
  const ofArray = (open: number, path: string): number => {
    let index = 0
    return walkArray(text, open, (valueAt) => ofValue(valueAt, `${path}[${index++}]`))
  }
  const ofValue = (at: number, path: string): number => {
    const c = text.charCodeAt(at)
    if (c === 123) return ofObject(at, path)
    if (c === 91) return ofArray(at, path)
    return valueEnd(text, at)
  }

  const open = skipSpace(text, 0)
  ofValue(open, text.charCodeAt(open) === 123 ? resourceTypeAt(text, open) : '')
  return found
}

const resourceTypeAt = (text: string, open: number): string => {
  let resourceType = ''
  walkObject(text, open, (name, _nameAt, valueAt) => {
    if (name !== 'resourceType' || text.charCodeAt(valueAt) !== 34) return valueEnd(text, valueAt)
    resourceType = stringAt(text, valueAt, stringEnd(text, valueAt))
    return -1
  })
  return resourceType
}
