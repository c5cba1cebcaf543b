/** Finds elements in JSON text, in one walk over it: http://hl7.org/fhir/R4/json.html */
import { type Sought, soughtAs } from '../sought.ts'
import { skipSpace, valueEnd } from './scan.ts'
import { walkArray, walkObject } from './walk.ts'

/** Sets `at` of everything that is there. `text` is valid JSON, white space and all. */
export const locateJson = (text: string, root: Sought): void => {
  locate(text, skipSpace(text, 0), root)
}

const locate = (text: string, at: number, sought: Sought): number => {
  if (sought.at < 0) sought.at = at
  const c = text.charCodeAt(at)
  if (sought.below.size === 0 || (c !== 123 && c !== 91)) return valueEnd(text, at)
  if (c === 91) {
    let index = 0
    return walkArray(text, at, (valueAt) => step(text, valueAt, sought.below.get(String(index++))))
  }
  return walkObject(text, at, (name, _nameAt, valueAt) => step(text, valueAt, soughtAs(sought, name)))
}

const step = (text: string, at: number, sought: Sought | undefined): number =>
  sought ? locate(text, at, sought) : valueEnd(text, at)
