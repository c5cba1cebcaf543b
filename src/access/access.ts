/** What somebody may do, ready to be asked: policies, scopes and consent intersected. */
import type { Reach, Restriction } from '../search/index.ts'
import type { Permission } from './scope.ts'

export type { Reach, Restriction } from '../search/index.ts'

export type Access = {
  /** Equal keys mean equal answers: what is made of them can be kept for a while. */
  readonly key: string
  reach(type: string, permission: Permission): Reach
  /** Elements of a type that must not leave: members of the resource, `identifier`. */
  masked(type: string, permission: Permission): readonly string[]
  /** Why nothing of a type may be touched so, as a sentence; asked only where the reach is `none`. */
  refusal(type: string, permission: Permission): string
  /** Minutes for which the caller may open the record of a patient that it does not see. */
  readonly breakGlassMinutes?: number
}

/** Of a Binary: no search finds it, and whoever may read what its `securityContext` refers to may read it. */
export const byContext: Restriction = Object.freeze({ kind: 'ids', ids: [] })

/** For the server itself. */
export const unrestricted: Access = { key: '*', reach: () => 'all', masked: () => [], refusal: () => '' }

/** For who has not said who it is. */
export const noAccess: Access = {
  key: '',
  reach: () => 'none',
  masked: () => [],
  refusal: () => 'Say who you are: this needs an access token.',
}
