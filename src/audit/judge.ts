/** What of a search the audit log has no answer for. http://hl7.org/fhir/R4/search.html#errors */
import { type Issue, issue } from '../base/issue.ts'
import type { Plan, RowCondition } from '../search/index.ts'
import { isSortable, keysIn } from './order.ts'

const refuse = (text: string, ...at: string[]): Issue => issue('not-supported', text, ...at)

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

/** What is wrong with a search for events. */
export const judgePlan = (plan: Plan): readonly Issue[] => [
  ...(plan.contained
    ? [
        refuse(
          'AuditEvents stand alone: leave "_contained" out, which looks for them in other resources.',
          'http._contained',
        ),
      ]
    : []),
  ...(keysIn(plan)?.every(isSortable) === false
    ? [
        refuse(
          'AuditEvents cannot be put in the order of one of these parameters: sort by others.',
          'http._sort',
        ),
      ]
    : []),
  // One of them says it.
  ...judgeAll(plan.where, false).slice(0, 1),
]
