/** `_contained` and `_containedType`: a search for resources that are contained in others. http://hl7.org/fhir/R4/search.html#contained */
import { type Issue, issue } from '../base/issue.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import { type Condition, every, ofTypes, some } from './algebra.ts'
import { containedIn } from './contained.ts'
import type { Extractor } from './extract.ts'
import { containing } from './inside.ts'
import { matches } from './memory.ts'
import type { Plan } from './plan.ts'
import type { Results } from './results.ts'

/** What is asked of contained resources: they are of the type, and meet all of `where`. */
export type ContainedSearch = {
  readonly type: string
  readonly where: readonly Condition[]
  /** Whether resources that are not contained are found too. */
  readonly both: boolean
  /** Whether the answer has the contained resources alone, or those that contain them. */
  readonly alone: boolean
}

/** The plan made one for contained resources; the plan itself when they are not asked for. */
export const containedPlan = (
  plan: Plan,
  { contained, containedType }: Results,
  isOneType: boolean,
): { readonly plan: Plan; readonly issues: readonly Issue[] } => {
  if (contained === undefined || contained === 'false') return { plan, issues: [] }
  const { type, where } = plan
  const inside = containing(type, where)
  const alone = containedType === 'contained'
  const reason = !isOneType
    ? 'This search is not about one type: use "_contained" with [base]/[type].'
    : !inside || !where.every(isTold)
      ? 'What is contained cannot be searched by "near" and by hierarchies of references: leave that parameter out.'
      : plan.includes.length > 0
        ? 'Nothing can be brought along with contained resources: leave "_include" and "_revinclude" out.'
        : alone && !where.every(isOwn)
          ? 'Chains and _has are not followed from contained resources alone: use _containedType=container.'
          : undefined
  if (reason !== undefined || !inside)
    return { plan, issues: [issue('not-supported', reason ?? '', 'http._contained')] }
  const both = contained === 'both'
  return {
    plan: {
      ...plan,
      across: resourceTypes,
      where: [both ? some([every([ofTypes([type]), ...where]), inside]) : inside],
      contained: { type, where, both, alone },
    },
    issues: [],
  }
}

const isTold = (condition: Condition): boolean => condition.kind !== 'near' && condition.kind !== 'lineage'

/** Whether the resource alone tells. */
const isOwn = (condition: Condition): boolean => {
  if (condition.kind === 'not') return isOwn(condition.of)
  if (condition.kind === 'every' || condition.kind === 'some') return condition.of.every(isOwn)
  return condition.kind !== 'through' && condition.kind !== 'reverse'
}

/** Which of the contained resources of a match are meant, by their places; `self` tells whether the match itself is. */
export const meantBy = (
  extractor: Extractor,
  { type, where, both }: ContainedSearch,
  match: { readonly type: string; readonly id: string; readonly lastUpdated: number },
  resource: JsonObject,
  base: string,
): { readonly self: boolean; readonly places: readonly number[] } => {
  const meets = (of: JsonObject, id: string, lastUpdated: number): boolean =>
    matches(where, { id, lastUpdated, type, rows: extractor.extract(type, of, base) })
  return {
    self: both && match.type === type && meets(resource, match.id, match.lastUpdated),
    places: containedIn(resource)
      .filter((one) => one.type === type && meets(one.resource, one.id, Number.NaN))
      .map(({ at }) => at),
  }
}
