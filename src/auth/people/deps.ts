/** What everything about people works with. Made once by `createPeople`. */
import { randomBytes } from 'node:crypto'
import type { PersonName, StaffLimits, Account as Stored } from '../../store/accounts.ts'
import type { Database } from '../../store/database.ts'
import type { Sealer } from '../../store/sealed.ts'
import type { Messages } from '../pages/messages/index.ts'
import type { Passwords } from './passwords.ts'

/** What happened to an account, for the record; never a secret. `by` is the account that did it. */
export type PeopleEvent = {
  readonly kind:
    | 'registered'
    | 'invited'
    | 'confirmed'
    | 'password-changed'
    | 'signed-in'
    | 'sign-in-refused'
    | 'signed-out'
    | 'factor-added'
    | 'factor-removed'
    | 'account-changed'
    | 'activated'
    | 'deactivated'
    | 'client-registered'
    | 'client-changed'
    | 'client-secret-renewed'
    | 'client-activated'
    | 'client-deactivated'
  readonly tenant: number
  readonly account?: string
  readonly client?: string
  readonly by?: string
  readonly at: number
  readonly address: string
}

/** An event of this moment, by somebody, about an account or a client. */
export const deed = (
  kind: PeopleEvent['kind'],
  { tenant, at, address }: Pick<Site, 'tenant' | 'at' | 'address'>,
  by: { readonly id: string },
  about: Pick<PeopleEvent, 'account' | 'client'>,
): PeopleEvent => ({ kind, tenant, ...about, by: by.id, at, address })

export type PeopleDeps = {
  readonly database: Database
  readonly sealer: Sealer
  readonly passwords: Passwords
  /** Accounts that a tenant may have, by role. */
  staffLimits(tenant: number): Promise<StaffLimits>
  /**
   * The Patient of somebody who registered, `Patient/1`: made when there is none for this account. Asked again, it gives
   * the same one.
   */
  makePatient(account: Stored, person: PersonName): Promise<string>
  /** Whether there is such a resource: `Practitioner/1`. */
  exists(tenant: number, reference: string): Promise<boolean>
  /** Ends all tokens and grants of an account, in all processes. */
  endTokens(tenant: number, account: string): Promise<void>
  /** The same but for what was given to be used without the person. */
  signOffTokens(tenant: number, account: string): Promise<void>
  /** Resolves when it cannot be lost any more. */
  record(event: PeopleEvent): Promise<void>
  /** A mail waits in the outbox. */
  mailWaits(): void
  /** Whether the accounts of the demonstration may be used. */
  readonly demo: boolean
}

/** Where and when a request to the pages came in. */
export type Site = {
  readonly tenant: number
  /** `https://fhir.example.org` */
  readonly origin: string
  /** Folder of the pages, `/auth`. */
  readonly path: string
  /** IP address of the client. */
  readonly address: string
  /** ms since 1970. */
  readonly at: number
}

/** 256 bits for links and cookies. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** What an action says when it did not do what was asked: a member of the messages' `wrong`. */
export type Refused = {
  readonly wrong: keyof Messages['wrong']
  readonly status?: number
  /** Seconds. */
  readonly retryAfter?: number
  readonly limit?: { readonly role: string; readonly most: number }
}
