/** Refuses conditions that an interaction has no use for: nobody must believe in one that was not looked at. */
import { issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import type { Request } from '../request.ts'
import type { Step } from '../step.ts'

type Header = readonly [keyof Request, string]
type ByInteraction = Partial<Record<Request['interaction'], readonly Header[]>>

/** Caches add If-None-Match and If-Modified-Since to whatever they ask for; what has no versions may leave them unheeded. */
const meaningless: ByInteraction = {
  read: [['ifNoneExist', 'If-None-Exist']],
  vread: [['ifNoneExist', 'If-None-Exist']],
  create: [
    ['ifMatch', 'If-Match'],
    ['ifNoneMatch', 'If-None-Match'],
  ],
  update: [['ifNoneExist', 'If-None-Exist']],
  patch: [
    ['ifNoneExist', 'If-None-Exist'],
    ['ifNoneMatch', 'If-None-Match'],
  ],
  delete: [
    ['ifNoneExist', 'If-None-Exist'],
    ['ifNoneMatch', 'If-None-Match'],
  ],
}

/** Searches, histories, capabilities. */
const ofOthers: readonly Header[] = [
  ['ifMatch', 'If-Match'],
  ['ifNoneExist', 'If-None-Exist'],
]

/** Throws 400 for a condition without meaning. */
export const checkConditions = (request: Request): void => {
  const found = (meaningless[request.interaction] ?? ofOthers).filter(([name]) => request[name] !== undefined)
  if (found.length === 0) return
  throw new Problem(
    400,
    found.map(([, header]) =>
      issue(
        'not-supported',
        `${header} has no meaning for ${request.interaction}; leave it out.`,
        `http.${header}`,
      ),
    ),
  )
}

export const knownConditions: Step = (_house, _ctx, turn) => {
  const { ifMatch, ifNoneMatch, ifNoneExist } = turn.request
  if (ifMatch !== undefined || ifNoneMatch !== undefined || ifNoneExist !== undefined)
    checkConditions(turn.request)
  return turn
}
