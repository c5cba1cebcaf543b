/** What a condition on AuditEvents says of the rows of the log, and how such parts are put together. */
import type { AuditTest } from '../store/index.ts'

/**
 * `loose` is met by every event that meets the condition, and by others; absent where the columns tell nothing. `sure`,
 * where it is there, is met by an event of this server if, and only if, the event meets the condition. `certain` is met
 * by events of which all do, whoever they are of, and `edge` by the others of which some may.
 */
export type Narrowed = {
  readonly loose?: AuditTest
  readonly sure?: AuditTest
  readonly certain?: AuditTest
  readonly edge?: AuditTest
}

/** Other systems' events. */
export const sent: AuditTest = { kind: 'sent' }
/** No event. */
export const never: AuditTest = { kind: 'some', of: [] }
/** Tells everything of an event of this server, but not of all that were sent. */
export const both = (test: AuditTest): Narrowed => ({ loose: test, sure: test })
/** Tells everything of all events. */
export const all = (test: AuditTest): Narrowed => ({ loose: test, sure: test, certain: test, edge: never })

/** Alternatives; those of one kind are one test, which an index may lead to. */
export const some = (of: readonly AuditTest[]): AuditTest => {
  const [first] = of
  if (of.length === 1 && first) return first
  if (first?.kind === 'keys' && of.every((one) => one.kind === 'keys'))
    return { kind: 'keys', any: [...new Set(of.flatMap((one) => (one.kind === 'keys' ? one.any : [])))] }
  return { kind: 'some', of }
}

/** All of them; of one it is that one. */
export const every = (of: readonly AuditTest[]): AuditTest => {
  const [first] = of
  return of.length === 1 && first ? first : { kind: 'every', of }
}
