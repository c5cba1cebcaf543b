/** Links of mails: each works once, until it expires, and is kept as a hash. */
import { createHash } from 'node:crypto'
import type { Transaction } from './database.ts'

/** `first` makes the first administrator of a tenant and belongs to no account yet. */
export type LinkPurpose = 'confirm' | 'invite' | 'reset' | 'first'

export type Link = { readonly purpose: LinkPurpose; readonly account: string | null }

/** SHA-256 of what a person or a browser holds; such tokens are random, so that a plain hash is enough. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Replaces earlier links of the account: only the newest mail works. */
export const keepLink = async (
  tx: Transaction,
  tenant: number,
  token: string,
  link: Link,
  expires: number,
): Promise<void> => {
  await tx.run({
    name: 'link_replace',
    text: `delete from account_link where tenant = $1 and (account = $2::uuid or ($2 is null and purpose = $3))`,
    tenant,
    values: [tenant, link.account, link.purpose],
  })
  await tx.run({
    name: 'link_keep',
    text: `insert into account_link (tenant, hash, purpose, account, expires_at) values ($1, $2, $3, $4::uuid, $5)`,
    tenant,
    values: [tenant, tokenHash(token), link.purpose, link.account, new Date(expires)],
  })
}

/** Looks without using it up. */
export const seeLink = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  token: string,
  at: number,
): Promise<Link | undefined> => {
  const text = `select purpose, account from account_link where tenant = $1 and hash = $2 and expires_at > $3`
  const [link] = await run<Link>({
    name: 'link_see',
    text,
    tenant,
    values: [tenant, tokenHash(token), new Date(at)],
  })
  return link
}

/** Uses the link up: of several that try at once, one gets it. */
export const takeLink = async (
  tx: Transaction,
  tenant: number,
  token: string,
  at: number,
): Promise<Link | undefined> => {
  const text = `delete from account_link where tenant = $1 and hash = $2 and expires_at > $3
returning purpose, account`
  const [link] = await tx.run<Link>({
    name: 'link_take',
    text,
    tenant,
    values: [tenant, tokenHash(token), new Date(at)],
  })
  return link
}
