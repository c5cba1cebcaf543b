/** Which conditions on other resources the audit log has no answer for. http://hl7.org/fhir/R4/search.html#chaining */
import { type Issue, issue } from '../base/issue.ts'
import type { RowCondition } from '../search/index.ts'

const refuse = (text: string): Issue => issue('not-supported', text, 'http')

const deeper =
  'Events are in the audit log, and a chain or "_has" cannot come back to them by way of other resources: search for AuditEvents by their own parameters.'
const hierarchy = 'References between events are no hierarchy: leave ":above" and ":below" out.'

/** `isInside`: of other resources than events. */
const judge = (condition: RowCondition, isInside: boolean): readonly Issue[] => {
  switch (condition.kind) {
    case 'not':
      return judge(condition.of, isInside)
    case 'every':
    case 'some':
      return condition.of.flatMap((one) => judge(one, isInside))
    case 'lineage':
      return condition.type === 'AuditEvent' ? [refuse(hierarchy)] : []
    case 'through': {
      // A chain that names no type goes to all that have the parameter, of which events are one.
      const isNamed = condition.any.length === 1
      return condition.any.flatMap((link) => {
        if (link.type === 'AuditEvent')
          return isInside && isNamed ? [refuse(deeper)] : judgeAll(link.where, isInside)
        return judgeAll(link.where, true)
      })
    }
    case 'reverse':
      if (condition.link.type === 'AuditEvent') return [refuse(deeper)]
      return judgeAll(condition.link.where, true)
    default:
      return []
  }
}

const judgeAll = (where: readonly RowCondition[], isInside: boolean): readonly Issue[] =>
  where.flatMap((one) => judge(one, isInside))

/** What is wrong with the conditions of a search for events. */
export const judgeLinks = (where: readonly RowCondition[]): readonly Issue[] =>
  judgeAll(where, false).slice(0, 1)
