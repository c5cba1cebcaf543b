/** What the rest of this room may ask about people; the pages under `people.ts` are where they act. */
import type { Role } from '../access/principal.ts'
import type { Account as Stored } from '../store/accounts.ts'

/** Somebody who may sign in, or might have. */
export type Account = {
  readonly tenant: number
  readonly id: string
  readonly email: string
  readonly display: string
  readonly language: string
  readonly roles: readonly Role[]
  /** Who the person is among the resources: `Patient/1`, `Practitioner/2`; at most one of each type. */
  readonly links: readonly string[]
  /** The one of `links` that stands for the person in a token. */
  readonly fhirUser?: string
  /** Whether the account may be used now. Ask each time: deactivation holds from that moment on. */
  readonly active: boolean
}

/** A browser that is signed in completely, second factor included. */
export type SignedIn = {
  readonly account: Account
  /** When, in ms since 1970. */
  readonly at: number
  /** https://www.rfc-editor.org/rfc/rfc8176: `pwd`, `otp`, `hwk`, `mfa` */
  readonly methods: readonly string[]
}

/**
 * The seam to sessions of people. Who needs somebody signed in sends the browser to `sign-in?next=PATH` beside the other
 * pages; PATH is below the same folder, and the browser comes back to it. With `&fresh=1` it signs in again even if it
 * is signed in.
 */
export type Accounts = {
  /** Also inactive ones; undefined when there is no such account. */
  find(tenant: number, id: string): Promise<Account | undefined>
  /** `cookies` is the Cookie header of the request. */
  signedIn(tenant: number, cookies: string | undefined): Promise<SignedIn | undefined>
  /** Ends every session of an account in the browser; tokens are ended by who gave them. */
  signOut(tenant: number, account: string): Promise<void>
}

/** Staff first: a doctor who is a patient of the house works as a doctor. */
const rank = ['Practitioner', 'PractitionerRole', 'RelatedPerson', 'Patient']

const typeOf = (link: string): string => link.slice(0, link.indexOf('/'))

export const accountOf = (stored: Stored): Account => {
  const { tenant, id, email, display, language, roles, links, state } = stored
  const [fhirUser] = [...links].sort((a, b) => rank.indexOf(typeOf(a)) - rank.indexOf(typeOf(b)))
  const active = state === 'active'
  const person = { tenant, id, email, display, language, roles: roles as readonly Role[], links, active }
  return fhirUser === undefined ? person : { ...person, fhirUser }
}
