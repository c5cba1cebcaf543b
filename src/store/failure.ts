/** What a failed statement means: try again, tell the caller to come back, or a bug. */

import { issue } from '../base/issue.ts'
import { Problem, unavailable } from '../base/problem.ts'
import { isStale, StaleDefinitions } from './stale.ts'

type DatabaseError = { readonly code?: string; readonly constraint?: string; readonly message?: string }

const shape = (error: unknown): DatabaseError => (typeof error === 'object' && error !== null ? error : {})

/** SQLSTATE: serialization_failure, deadlock_detected, lock_not_available. */
const transient = new Set(['40001', '40P01', '55P03'])

/** Two writers chose the same next version, or made the same new row: whoever lost reads again. */
const lostRace = ({ code, constraint }: DatabaseError): boolean =>
  code === '23505' && (constraint?.startsWith('resource') ?? false)

/** Whether the same work may succeed when it is done again from the start. */
export const isRetryable = (error: unknown): boolean => {
  const e = shape(error)
  return (e.code !== undefined && transient.has(e.code)) || lostRace(e)
}

/** Whether the transaction had failed before, so that the statement was not looked at. */
export const isAborted = (error: unknown): boolean => shape(error).code === '25P02'

/** Whether a lock was held by somebody else for longer than the line may wait. */
export const isLockTimeout = (error: unknown): boolean => shape(error).code === '55P03'

/** SQLSTATE classes 08 and 57P0x, and the socket's own errors. */
const isAway = ({ code, message }: DatabaseError): boolean =>
  (code !== undefined &&
    /^(08...|57P0[1-5]|53300|ECONN.*|EPIPE|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EACCES)$/.test(code)) ||
  /Connection terminated|connection error|not queryable|timeout exceeded when trying to connect|Client was closed|Query read timeout|timeout expired|server closed/i.test(
    message ?? '',
  )

/** What JSON allows and JSONB cannot hold: numbers of more than 131,072 digits, or a string of more than 256 MB. */
const unstorable = new Set(['22003', '22P02', '54000'])

/** Turns a driver's error into the refusal that the caller gets; a bug stays as it is. */
export const asProblem = (error: unknown): unknown => {
  if (error instanceof Problem) return error
  if (isStale(error)) return new StaleDefinitions('the search parameters have changed', { cause: error })
  const e = shape(error)
  if (e.code === '57014')
    return new Problem(
      503,
      [issue('timeout', 'The database needed longer than it may; ask for less or try again.')],
      {
        retryAfter: 5,
        cause: error,
      },
    )
  if (e.code !== undefined && unstorable.has(e.code))
    return new Problem(
      422,
      [
        issue(
          'value',
          'The content has a number or a string that is too large to be stored; make it smaller.',
        ),
      ],
      { cause: error },
    )
  if (isRetryable(error))
    return new Problem(
      409,
      [issue('lock-error', 'Other requests kept changing the same resources; read them again and retry.')],
      { cause: error },
    )
  if (isAway(e))
    return unavailable('The database cannot be reached at the moment; try again in a moment.', 2, error)
  return error
}
