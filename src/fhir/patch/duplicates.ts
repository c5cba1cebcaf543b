/** Refuses a patch with repeated members, of which a parser keeps the last one silently. */
import { invalid } from '../../base/problem.ts'
import { duplicateMembers } from '../json/duplicates.ts'
import { countMembers, type JsonText } from '../json/read.ts'

/** `original` is the text from which `json` was read; 400 with the place of the first repetition. */
export const refuseDuplicates = (json: JsonText<unknown>, original: string): void => {
  if (countMembers(json.value) === json.members) return
  const first = duplicateMembers(original)[0]
  throw invalid(`The member "${first?.name}" is repeated in the patch, line ${first?.line}; send it once.`)
}
