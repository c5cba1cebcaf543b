/** Says of issues where in the body they are, as the client sent it: http://hl7.org/fhir/R4/operationoutcome.html */
import type { Issue } from '../base/issue.ts'
import { Problem } from '../base/problem.ts'
import { pathOf, positionsOf } from '../fhir/positions.ts'
import type { Reply } from './reply.ts'
import type { Body, Request } from './request.ts'

/** Issues whose expression begins with the type; others are about something else. `within`: where in the body the resource is. */
export const located = (
  issues: readonly Issue[],
  { body, type, within = [] }: { body: Body; type: string; within?: readonly string[] },
): readonly Issue[] => {
  const inBody = (issue: Issue): boolean => {
    const [first] = issue.expression ?? []
    return issue.line === undefined && first !== undefined && rootOf(first) === type
  }
  const wanted = issues.filter(inBody)
  if (wanted.length === 0) return issues
  const paths = wanted.map(({ expression }) => [...within, ...pathOf(expression?.[0] ?? '')])
  const found = positionsIn(body, paths)
  if (!found) return issues
  const positions = found.values()
  return issues.map((issue) => (inBody(issue) ? { ...issue, ...positions.next().value } : issue))
}

/** Undefined where the body is no JSON at all: what is said of it then has its position already. */
const positionsIn = (body: Body, paths: readonly (readonly string[])[]) => {
  try {
    return positionsOf(body, paths)
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

const rootOf = (expression: string): string => /^\w*/.exec(expression)?.[0] ?? ''

/** The type of the resource that is the body; undefined for patches, which have another form. */
const typeOf = ({ interaction, type, body }: Request): string | undefined => {
  if (body?.patch !== undefined) return undefined
  if (interaction === 'batch' || interaction === 'transaction') return 'Bundle'
  return interaction === 'create' || interaction === 'update' ? type : undefined
}

/** Performs what has a body, and says where in it the findings are, of a refusal too. */
export const performLocated = (request: Request, perform: () => Promise<Reply>): Promise<Reply> => {
  const type = typeOf(request)
  const { body } = request
  return body && type !== undefined ? locating(body, type, perform) : perform()
}

const locating = async (body: Body, type: string, perform: () => Promise<Reply>): Promise<Reply> => {
  try {
    const reply = await perform()
    return reply.outcome ? { ...reply, outcome: located(reply.outcome, { body, type }) } : reply
  } catch (error) {
    if (!(error instanceof Problem) || error.issues.every(({ expression }) => !expression)) throw error
    throw new Problem(error.status, located(error.issues, { body, type }), {
      cause: error.cause,
      ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
    })
  }
}
