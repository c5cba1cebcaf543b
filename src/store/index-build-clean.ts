/** Removes the index rows of a search parameter that is no longer used: of those resources only that have some. */
import type { Transaction } from './database.ts'
import { type Key, readStored } from './index-build-rows.ts'
import { arrayOf } from './key.ts'

/** What rows the parameter has in resources of one type. */
export type Leftover = {
  readonly type: string
  /** Hash of the token that says that the parameter has a value. */
  readonly marker: string
  /** Its number in side tables. */
  readonly parameter: number
  /** The hashes of all tokens of this parameter only. */
  readonly make: (content: string) => readonly string[]
}

const batch = 200

const findText = `
select tenant, type, id from resource where tokens @> array[$1::bigint] and tenant + 0 = $2::int
order by type, id limit ${batch} for update`

const writeText = `
with old_s as (delete from search_string s where s.tenant = $1 and s.type = $2 and s.id = $3 and s.parameter = $5),
old_d as (delete from search_date s where s.tenant = $1 and s.type = $2 and s.id = $3 and s.parameter = $5),
old_q as (delete from search_quantity s where s.tenant = $1 and s.type = $2 and s.id = $3 and s.parameter = $5)
update resource set tokens = $4::bigint[] where tenant = $1 and type = $2 and id = $3`

/** Cleans some resources and gives how many; 0 when none is left. */
export const cleanSome = async (
  tx: Transaction,
  tenant: number,
  leftovers: readonly Leftover[],
): Promise<number> => {
  for (const { marker, parameter, make } of leftovers) {
    const values = [marker, tenant]
    const keys = await tx.run<Key>({ name: 'build_leftover', text: findText, tenant: '*', values })
    if (keys.length === 0) continue
    const stored = await readStored(tx, keys)
    await Promise.all(
      stored.map(({ type: number, id, tokens, content }) => {
        const gone = new Set([marker, ...make(content)])
        const rest = tokens.filter((token) => !gone.has(token))
        return tx.run({
          name: 'build_clean',
          text: writeText,
          tenant,
          values: [tenant, number, id, arrayOf(rest), parameter],
        })
      }),
    )
    return stored.length
  }
  return 0
}
