/** People of this process: their accounts and pages, with what they need of the other rooms. */
import { type DemoAccount, demoPatient, ensureDemoAccounts } from './auth/people/demo-accounts.ts'
import type { PeopleDeps, PeopleEvent } from './auth/people/deps.ts'
import { createPost, keepMailing } from './auth/people/mailer.ts'
import { createPasswords } from './auth/people/passwords.ts'
import { createPeople, type People } from './auth/people/people.ts'
import type { Log } from './base/log.ts'
import { Problem } from './base/problem.ts'
import type { Config } from './config.ts'
import { ownCtx } from './own-ctx.ts'
import type { Request, Rest } from './rest/index.ts'
import { loadSealer } from './sealing-keys.ts'
import {
  type Account,
  createOidcItems,
  type Database,
  defaultTenant,
  type PersonName,
  type Tenants,
} from './store/index.ts'

export type OpenedPeople = { readonly people: People; stop(): Promise<void> }

export type OpenPeopleDeps = {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly rest: Rest
  readonly tenants: Tenants
  record(event: PeopleEvent): Promise<void>
}

/** Begins to send mails; in the demonstration it makes the accounts first. */
export const openPeople = async (deps: OpenPeopleDeps): Promise<OpenedPeople> => {
  const { config, log, database, rest, tenants, record } = deps
  const { smtpUrl, mailFrom, demo } = config
  const post = smtpUrl === undefined ? undefined : createPost(smtpUrl, mailFrom)
  const mailing = keepMailing(database, post, log)
  const passwords = createPasswords()
  const items = createOidcItems(database)
  const asServer = (tenant: number, request: Request): Promise<string> => perform(rest, log, tenant, request)
  const people: PeopleDeps = {
    database,
    sealer: loadSealer(config),
    passwords,
    staffLimits: async (tenant) => {
      await tenants.learn()
      return tenants.byNumber(tenant)?.settings.staffLimits ?? {}
    },
    makePatient: (account, person) => asServer(account.tenant, patientOf(account, person)),
    exists: async (tenant, reference) => {
      const [type = '', id = ''] = reference.split('/')
      return await asServer(tenant, { interaction: 'read', type, id, query: [] }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Problem && error.status < 500) return false
          throw error
        },
      )
    },
    endTokens: (tenant, account) => items.end(tenant, 'account', account),
    signOffTokens: (tenant, account) => items.signOff(tenant, account),
    record,
    mailWaits: mailing.wake,
    demo,
  }
  if (demo) {
    const makeLink = async (type: string, account: DemoAccount): Promise<string> => {
      const patient = type === 'RelatedPerson' ? await makeLink('Patient', demoPatient) : undefined
      return await asServer(defaultTenant, demoResource(type, account, patient))
    }
    await ensureDemoAccounts({ database, passwords, makeLink }, defaultTenant, Date.now())
  }
  return { people: createPeople(people), stop: mailing.stop }
}

/** Performs as the server itself; gives `Type/id` of what was read or made, or was there already. */
const perform = async (rest: Rest, log: Log, tenant: number, request: Request): Promise<string> => {
  const ctx = ownCtx({ tenant, log, signal: new AbortController().signal, base: '' })
  const reply = await rest.perform(ctx, request)
  const { resourceType, id } = JSON.parse(reply.body?.join('') ?? '{}') as {
    resourceType: string
    id: string
  }
  return `${resourceType}/${id}`
}

const system = 'urn:ietf:rfc:3986'

/** Made once: the identifier is the account's. */
const makeOnce = (type: string, uuid: string, content: object): Request => {
  const identifier = [{ system, value: `urn:uuid:${uuid}` }]
  return {
    interaction: 'create',
    type,
    query: [],
    ifNoneExist: `identifier=${system}|urn:uuid:${uuid}`,
    body: { text: JSON.stringify({ resourceType: type, identifier, ...content }) },
  }
}

const patientOf = ({ id, email }: Account, { given, family, birthDate }: PersonName): Request =>
  makeOnce('Patient', id, {
    active: true,
    name: [{ use: 'usual', family, given: [given] }],
    telecom: [{ system: 'email', value: email }],
    ...(birthDate === undefined ? {} : { birthDate }),
  })

const demoUuid = (role: string): string =>
  `de300000-0000-4000-8000-${Buffer.from(role.padEnd(6, '-').slice(0, 6)).toString('hex')}`

/** The caregiver of the demonstration cares for its patient. */
const demoResource = (type: string, { role, display, email }: DemoAccount, patient?: string): Request =>
  makeOnce(type, demoUuid(role), {
    name: [{ text: display }],
    telecom: [{ system: 'email', value: email }],
    ...(patient === undefined ? {} : { patient: { reference: patient } }),
  })
