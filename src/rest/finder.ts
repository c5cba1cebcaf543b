/** Where matches come from that are not in the table of resources: the audit log. http://hl7.org/fhir/R4/search.html */
import type { Issue } from '../base/issue.ts'
import type { FoundRow, Plan, Row } from '../search/index.ts'

/** Answers for one type what the store answers for others, for one caller. All of it throws `Problem`. */
export type Finder = {
  /** What of the plan it has no answer for. */
  judge(plan: Plan): readonly Issue[]
  /** One page and one row more, in the order of the plan; in the other one from a cursor that goes backward. */
  find(plan: Plan): Promise<readonly FoundRow[]>
  count(plan: Plan): Promise<number>
  /** How `find` would begin, as the text of a Parameters resource; asked only for who may see everything. */
  explain(plan: Plan): Promise<string>
}

/**
 * What comes along with rows that were found: the matches (`isFirst`), or with `:iterate` what came along with them.
 * Throws `Problem`.
 */
export type Bring = (
  plan: Plan,
  found: readonly Row[],
  isFirst: boolean,
  limit: number,
) => Promise<readonly FoundRow[]>
