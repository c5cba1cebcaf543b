/** Referential integrity: which references point at nothing, and who refers to a resource. */
import { idKey } from '../base/id.ts'
import type { Transaction } from './database.ts'
import { arrayOf, numberOf, type ResourceKey } from './key.ts'
import type { ReferencePolicy } from './write.ts'

const checkedText = `
select r.n::int as n from unnest($2::smallint[], $3::uuid[]) with ordinality as r(type, id, n)
where (select v.version from resource_version v
  where v.tenant = $1 and v.type = r.type and v.id = r.id
  order by v.version desc limit 1) is null
order by 1`

const enforcedText = `
select r.n::int as n
from (select * from unnest($2::smallint[], $3::uuid[]) with ordinality as k(type, id, n) order by type, id) r
left join lateral (
  select true as there from resource c
  where c.tenant = $1 and c.type = r.type and c.id = r.id
  limit 1 for key share) held on true
where held.there is null
order by 1`

/** The references among `keys` that point at nothing, by the policy's meaning of nothing. */
export const missingReferences = async (
  tx: Transaction,
  tenant: number,
  keys: readonly ResourceKey[],
  policy: ReferencePolicy,
): Promise<ResourceKey[]> => {
  if (policy === 'off' || keys.length === 0) return []
  const rows = await tx.run<{ n: number }>({
    name: `tx_references_${policy}`,
    text: policy === 'checked' ? checkedText : enforcedText,
    tenant,
    values: [tenant, arrayOf(keys.map((k) => numberOf(k.type))), arrayOf(keys.map((k) => idKey(k.id)))],
  })
  return rows.map((row) => keys[row.n - 1]!)
}

const referrersText = `
select type, coalesce(fhir_id, id::text) as id from resource
where tenant = $1 and tokens && $2::bigint[] limit 20`

/** Up to 20 current resources whose index rows hold one of the reference tokens. */
export const referrers = (
  tx: Transaction,
  tenant: number,
  tokens: readonly string[],
): Promise<{ type: number; id: string }[]> =>
  tx.run({ name: 'tx_referrers', text: referrersText, tenant, values: [tenant, arrayOf(tokens)] })
