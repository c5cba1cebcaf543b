/** An interaction on its way through the pipeline: what the steps have found out so far. Immutable. */
import type { Issue } from '../base/issue.ts'
import type { JsonText } from '../fhir/json/read.ts'
import type { Condition, Method } from '../store/index.ts'
import type { Prepared } from './prepare.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

export type Turn = {
  readonly request: Request
  /** The body, parsed. */
  readonly json?: JsonText
  /** What was found in the content that does not refuse it. */
  readonly findings?: readonly Issue[]
  /** The body after all checks, with its index rows. */
  readonly prepared?: Prepared
  /** The id to write under. */
  readonly id?: string
  readonly method?: Method
  /** What must hold for the write. */
  readonly condition?: Condition
  /** Set as soon as the answer is known; later steps are left out. */
  readonly reply?: Reply
}
