/** What happens at the authorization server and to accounts, as it goes on record. */
import type { Happening, Recording } from './access/happening.ts'
import type { Principal } from './access/principal.ts'
import { accountOf } from './auth/accounts.ts'
import type { AuthEvent } from './auth/index.ts'
import type { PeopleEvent } from './auth/people/deps.ts'
import type { AccountReader } from './store/accounts.ts'

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

export type PeopleRecord = {
  readonly recording: Recording
  readonly accounts: Pick<AccountReader, 'find'>
  /** The URL of a hospital's FHIR endpoint, which names this server in the record. */
  baseOf(tenant: number): string
}

/** Of no account. Somebody unknown is looked for as well: how long it takes must not tell who is known. */
const nobody = '00000000-0000-0000-0000-000000000000'

const somebody = async (
  { accounts }: PeopleRecord,
  tenant: number,
  id: string | undefined,
  client?: string,
): Promise<Principal> => {
  const found = await accounts.find(tenant, id ?? nobody)
  const { display, roles, fhirUser } = found
    ? accountOf(found)
    : { display: id ?? 'unknown', roles: [], fhirUser: undefined }
  return {
    kind: 'person',
    id: id ?? 'unknown',
    display,
    roles,
    scopes: [],
    ...(fhirUser === undefined ? {} : { fhirUser }),
    ...(client === undefined ? {} : { client }),
  }
}

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

/** Resolves when the event cannot be lost any more. */
export const recordPeople =
  (to: PeopleRecord) =>
  async (event: PeopleEvent): Promise<void> => {
    const { recording, baseOf } = to
    const who = await somebody(to, event.tenant, event.by ?? event.account)
    const data = [
      ...(event.account === undefined ? [] : [`account ${event.account}`]),
      ...(event.client === undefined ? [] : [`client ${event.client}`]),
    ]
    await recording.record(originOf(event, who, baseOf(event.tenant)), { ...people[event.kind], data })
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
  (to: PeopleRecord) =>
  async (event: AuthEvent): Promise<void> => {
    const { kind, tenant, account, client, owner, scope, patient, error, address } = event
    const said = error ?? (scope === undefined ? undefined : `Scopes: ${scope}`)
    const happening: Happening = {
      ...authorizations[kind],
      said,
      data: [client, owner].flatMap((one) => (one === undefined ? [] : [`client ${one}`])),
      patients: patient === undefined ? [] : [`Patient/${patient}`],
    }
    const at = Date.now()
    const who =
      account === undefined ? application(client ?? 'unknown') : await somebody(to, tenant, account, client)
    await to.recording.record(originOf({ tenant, at, address }, who, to.baseOf(tenant)), happening)
  }
