/** Many searches by one token each as one statement: the conditional references of a transaction. */
import { typeNumber } from '../fhir/resource-types.ts'
import { hashToken } from './hash.ts'
import { columns, content, lastUpdated } from './row-sql.ts'
import { type Statement, statement } from './statement.ts'

/** What one of many single-token conditions asks. */
export type Lookup = { readonly tenant: number; readonly type: string; readonly token: string }

/**
 * The first two matches of each lookup, in one statement; the lookups are of one tenant. Rows are `Row` with `n`, the
 * position of the lookup from 0.
 */
export const lookupsStatement = (tenant: number, lookups: readonly Lookup[]): Statement => {
  const text = `select c.n::int - 1 as n, r.type, r.id, r.fhir_id, r.version, ${lastUpdated}, ${content} from unnest($2::smallint[], $3::bigint[]) with ordinality c(type, token, n) cross join lateral (select r.type, ${columns} from resource r where r.tenant + 0 = $1::int and r.type + 0 = c.type and r.tokens @> array[c.token] limit 2) r order by c.n`
  return statement(text, [
    tenant,
    lookups.map(({ type }) => typeNumber(type)),
    lookups.map(({ token }) => hashToken(tenant, token)),
  ])
}
