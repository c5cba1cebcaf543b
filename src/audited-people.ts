/** What happens at the authorization server and to accounts, as it goes on record. */
import type { Happening, Recording } from './access/happening.ts'
import type { Principal } from './access/principal.ts'
import type { AuthEvent } from './auth/index.ts'
import type { PeopleEvent } from './auth/people/deps.ts'

type Told = Pick<Happening, 'kind' | 'code' | 'action' | 'outcome'>

const signIn = (code: string, outcome: 0 | 8): Told => ({ kind: 'sign-in', code, action: 'E', outcome })
const account = (code: string, action: Told['action']): Told => ({
  kind: 'account',
  code,
  action,
  outcome: 0,
})

const people: Readonly<Record<PeopleEvent['kind'], Told>> = {
  'signed-in': signIn('signed-in', 0),
  'sign-in-refused': signIn('refused', 8),
  'signed-out': { kind: 'sign-out', code: 'signed-out', action: 'E', outcome: 0 },
  registered: account('registered', 'C'),
  invited: account('invited', 'C'),
  confirmed: account('confirmed', 'U'),
  'password-changed': account('password-changed', 'U'),
  'factor-added': account('factor-added', 'U'),
  'factor-removed': account('factor-removed', 'U'),
  'account-changed': account('changed', 'U'),
  activated: account('activated', 'U'),
  deactivated: account('deactivated', 'U'),
  'client-registered': account('client-registered', 'C'),
  'client-changed': account('client-changed', 'U'),
  'client-secret-renewed': account('client-secret-renewed', 'U'),
  'client-activated': account('client-activated', 'U'),
  'client-deactivated': account('client-deactivated', 'U'),
}

const somebody = (id: string, client?: string): Principal => ({
  kind: 'person',
  id,
  display: id,
  roles: [],
  scopes: [],
  ...(client === undefined ? {} : { client }),
})

type Occasion = { readonly tenant: number; readonly at: number; readonly address?: string | undefined }

/** The authorization server has no trace of a request's: each of its events stands alone. */
const originOf = ({ tenant, at, address }: Occasion, who: Principal, base: string) => ({
  tenant,
  at,
  who,
  address,
  base,
  trace: '0'.repeat(32),
})

/** The URL of a hospital's FHIR endpoint, which names this server in the record. */
type BaseOf = (tenant: number) => string

/** Resolves when the event cannot be lost any more. */
export const recordPeople =
  ({ record }: Recording, baseOf: BaseOf) =>
  (event: PeopleEvent): Promise<void> => {
    const who = somebody(event.by ?? event.account ?? 'unknown')
    const data = [
      ...(event.account === undefined ? [] : [`account ${event.account}`]),
      ...(event.client === undefined ? [] : [`client ${event.client}`]),
    ]
    return record(originOf(event, who, baseOf(event.tenant)), { ...people[event.kind], data })
  }

const token = (code: string, outcome: 0 | 8): Told => ({ kind: 'token', code, action: 'E', outcome })

const authorizations: Readonly<Record<AuthEvent['kind'], Told>> = {
  agreed: { kind: 'consent', code: 'agreed', action: 'C', outcome: 0 },
  declined: { kind: 'consent', code: 'declined', action: 'E', outcome: 4 },
  'authorization-refused': { kind: 'consent', code: 'refused', action: 'E', outcome: 8 },
  revoked: { kind: 'consent', code: 'revoked', action: 'D', outcome: 0 },
  registered: account('client-registered', 'C'),
  'registration-refused': { ...account('client-registration-refused', 'C'), outcome: 8 },
  'token-given': token('given', 0),
  'token-refused': token('refused', 8),
  'token-revoked': { ...token('revoked', 0), action: 'D' },
  'revocation-refused': token('revocation-refused', 8),
  'introspection-refused': token('introspection-refused', 8),
  'userinfo-refused': token('userinfo-refused', 8),
}

const application = (id: string): Principal => ({ kind: 'system', id, display: id, roles: [], scopes: [] })

/** The same for applications: tokens, and what people allow them. */
export const recordAuth =
  ({ record }: Recording, baseOf: BaseOf) =>
  (event: AuthEvent): Promise<void> => {
    const { kind, tenant, account, client, owner, scope, patient, error, address } = event
    const said = error ?? (scope === undefined ? undefined : `Scopes: ${scope}`)
    const happening: Happening = {
      ...authorizations[kind],
      said,
      data: [client, owner].flatMap((one) => (one === undefined ? [] : [`client ${one}`])),
      patients: patient === undefined ? [] : [`Patient/${patient}`],
    }
    const who = account === undefined ? application(client ?? 'unknown') : somebody(account, client)
    return record(originOf({ tenant, at: Date.now(), address }, who, baseOf(tenant)), happening)
  }
