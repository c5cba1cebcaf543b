/** Named accounts that everybody may use, in the demonstration only. */

import type { Role } from '../../access/principal.ts'
import { newId } from '../../base/id.ts'
import { accountReader, insertAccount } from '../../store/accounts.ts'
import type { Database } from '../../store/database.ts'
import type { Passwords } from './passwords.ts'
import { personRoles } from './policy.ts'

export type DemoAccount = { readonly email: string; readonly display: string; readonly role: Role }

const shown = (role: string): string => `Demo ${role.replaceAll('-', ' ')}`

/** One of each role. */
export const demoAccounts: readonly DemoAccount[] = personRoles.map((role) => ({
  email: `${role}@demo.example`,
  display: shown(role),
  role,
}))

/** The one that the caregiver cares for. */
export const demoPatient: DemoAccount = demoAccounts.find(({ role }) => role === 'patient')!

export const demoPassword = 'light-for-everybody'

const linkTypes: Readonly<Partial<Record<Role, string>>> = { patient: 'Patient', caregiver: 'RelatedPerson' }

export type DemoDeps = {
  readonly database: Database
  readonly passwords: Passwords
  /** The Practitioner or Patient of an account, `Practitioner/1`; undefined when there is to be none. */
  makeLink(type: string, account: DemoAccount): Promise<string | undefined>
}

/** Makes those that are missing, in the default tenant. `at` in ms since 1970. */
export const ensureDemoAccounts = async (deps: DemoDeps, tenant: number, at: number): Promise<void> => {
  const { database, passwords } = deps
  const missing: DemoAccount[] = []
  for (const account of demoAccounts)
    if (!(await accountReader(database).findByEmail(tenant, account.email))) missing.push(account)
  if (missing.length === 0) return
  const password = await passwords.hash(demoPassword)
  for (const account of missing) {
    const link = await deps.makeLink(linkTypes[account.role] ?? 'Practitioner', account)
    const { email, display, role } = account
    const links = link === undefined ? [] : [link]
    const state = { state: 'active', demo: true, password, language: 'en' } as const
    const stored = { tenant, id: newId(at), email, display, roles: [role], links, ...state }
    await database.transact((tx) => insertAccount(tx, stored, at))
  }
}
