/** The structure check on every write: members, JSON types, cardinalities, forms of primitives (http://hl7.org/fhir/R4/json.html). */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import { duplicateMembers } from '../fhir/json/duplicates.ts'
import { countMembers } from '../fhir/json/read.ts'
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'
import { createCount } from './compile.ts'
import { createExplain } from './explain.ts'

export type Structure = {
  /**
   * Everything that is wrong; empty for nearly every resource, in microseconds. `members` and `text` are those of
   * `readJson`: more members in the text than in the value mean that a name stands twice in one object.
   */
  check(value: JsonObject, members: number, text: string): readonly Issue[]
  /** The compiled half of it: the number of members, or -1 when anything is wrong. */
  count(value: JsonValue): number
  /** The other half: every issue but repeated names. */
  explain(value: JsonValue): readonly Issue[]
}

export const createStructure = (definitions: Definitions): Structure => {
  const count = createCount(definitions)
  const explain = createExplain(definitions)
  return {
    count,
    explain,
    check: (value, members, text) => {
      const counted = count(value)
      if (counted === members) return clean
      return [...(counted < 0 ? explain(value) : []), ...repeated(value, members, text)]
    },
  }
}

const clean: readonly Issue[] = []

const repeated = (value: JsonObject, members: number, text: string): readonly Issue[] => {
  if (countMembers(value) === members) return clean
  return duplicateMembers(text).map(({ path }) => ({
    ...issue('structure', `${path} stands more than once in the same object; keep one of them.`, path),
    rule: 'member-repeated',
  }))
}
