/** What goes on record, and how it is told: http://hl7.org/fhir/R4/auditevent.html */
import type { Ctx } from './ctx.ts'
import type { Principal } from './principal.ts'

/** `rest` is an interaction of the API; the others have a `code` of their own choice: `refused`, `issued`, `password`. */
export type HappeningKind =
  | 'rest'
  | 'sign-in'
  | 'sign-out'
  | 'token'
  | 'consent'
  | 'account'
  | 'break-glass'
  | 'export'
  | 'administration'

/** One thing that happened or was refused. Never holds a token, a password or a resource's content. */
export type Happening = {
  readonly kind: HappeningKind
  /** Of `rest` a code of http://hl7.org/fhir/R4/valueset-restful-interaction.html. */
  readonly code: string
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E'
  /** 0 success, 4 minor, 8 serious (access was refused), 12 major failure. */
  readonly outcome: 0 | 4 | 8 | 12
  /** Why it failed, or what a person gave as the reason. */
  readonly said?: string | undefined
  /** References to what was touched: `Observation/1/_history/2`; a type alone where there is no id. */
  readonly data?: readonly string[]
  /** References to the patients that it was about. */
  readonly patients?: readonly string[]
  /** What was asked: `Observation?patient=1`. */
  readonly query?: string | undefined
  /** Whose doing it was, where that is not the `Ctx`'s: somebody who is only just signing in. */
  readonly who?: Principal
}

/** Where it came from, beside who asked. */
type Origin = Pick<Ctx, 'tenant' | 'at' | 'who' | 'trace' | 'address' | 'correlation' | 'base'>

/**
 * Puts something on record. Resolves when it cannot be lost any more: wait for it before you answer. Throws a Problem
 * (503) when it cannot be kept: then the request is to be refused.
 */
export type Recorder = (ctx: Origin, happening: Happening) => Promise<void>

/** `ready` throws the refusal (503) while nothing can be kept: better before something is done than after. */
export type Recording = { readonly record: Recorder; ready(): void }
