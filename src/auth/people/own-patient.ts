/**
 * The Patient of somebody who registered. It is always a new one: that a Patient of the record has the same e-mail address
 * does not make the holder of the address that patient. Staff, who see papers, link the account to the record.
 */
import { type Account, changeAccount, lockAccount } from '../../store/accounts.ts'
import type { PeopleDeps } from './deps.ts'

/** Makes and links it when the account is a patient's and has none. */
export const ensurePatient = async (deps: PeopleDeps, account: Account, at: number): Promise<void> => {
  const { tenant, id, roles, person } = account
  const isLinked = account.links.some((link) => link.startsWith('Patient/'))
  if (!roles.includes('patient') || isLinked || person === undefined) return
  const patient = await deps.makePatient(account, person)
  await deps.database.transact(async (tx) => {
    const now = await lockAccount(tx, tenant, id)
    if (now === undefined || now.links.some((link) => link.startsWith('Patient/'))) return
    await changeAccount(tx, tenant, id, { links: [...now.links, patient] }, at)
  })
}
