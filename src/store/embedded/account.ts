/** Who runs Postgres: it refuses to run as root, so root lends it an unprivileged user of the machine. */
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** `uid` and `gid` as the operating system numbers them. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number }

const isRoot = (): boolean => process.getuid?.() === 0

const accounts = (): Account[] => {
  if (!existsSync('/etc/passwd')) return []
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length > 3)
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }))
}

/** The owner of the data runs it, so that root and the owner can take turns. */
const ownerOf = (data: string): Account | undefined => {
  if (!existsSync(data)) return undefined
  const { uid, gid } = statSync(data)
  if (uid === 0) return undefined
  return accounts().find((a) => a.uid === uid) ?? { name: `user ${uid}`, uid, gid }
}

/** The account to run Postgres under, undefined for "as we are". `data` is the data directory, existing or not. */
export const chooseAccount = (data: string): Account | undefined => {
  if (!isRoot()) return undefined
  const owner = ownerOf(data)
  if (owner) return owner
  const known = accounts().filter((a) => a.uid !== 0)
  const chosen = known.find((a) => a.name === 'postgres') ?? known.find((a) => a.name === 'nobody')
  if (chosen) return chosen
  throw new Error(
    'Postgres refuses to run as root, and this machine has neither a user "postgres" nor "nobody" to run it under. Start Lamplight as an ordinary user, or set DATABASE_URL to a Postgres of your own.',
  )
}

/** How `spawn` starts a program under the account; Node wants signed numbers. */
export const asAccount = (account: Account | undefined): { uid?: number; gid?: number } =>
  account ? { uid: account.uid | 0, gid: account.gid | 0 } : {}

/** Hands a file or folder (not what is in it) over to the account. */
export const giveTo = (account: Account | undefined, path: string): void => {
  if (account) chownSync(path, account.uid, account.gid)
}

const maySearch = (folder: string, { uid, gid }: Account): boolean => {
  const { mode, uid: owner, gid: group } = statSync(folder)
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
  return (mode & bit) !== 0
}

/** Whether every folder above `path` lets the account through. */
export const isReachable = (path: string, account: Account | undefined): boolean => {
  if (!account) return true
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!maySearch(folder, account)) return false
    if (folder === dirname(folder)) return true
  }
}
