/** Hierarchies of references as SQL: http://hl7.org/fhir/R4/search.html#recursive */
import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Lineage } from './algebra.ts'
import { hashToken } from './hash.ts'
import type { Values } from './statement.ts'

/**
 * One step after the other from the resources that are named. What was found is not followed again, so a circle ends.
 * The keys are gathered once for the statement.
 */
export const lineageFilter = (
  condition: Lineage,
  values: Values,
  tenant: number,
  filters: () => readonly string[],
): string => {
  const name = values.define(condition, () => {
    const { direction, prefix, type, ids } = condition
    const value = values.add(hashToken(tenant, prefix), 'bigint')
    const number = values.add(typeNumber(type), 'smallint')
    const start = values.add(ids.map(idKey), 'uuid[]')
    const met = filters()
      .map((one) => ` and ${one}`)
      .join('')
    const step = direction === 'below' ? downwards(value, number, met) : upwards(value, number, met)
    const next = (from: string): string => `(select s.id from ${from} cross join lateral (${step}) s)`
    return `with recursive l(id) as (${next(`unnest(${start}) x(id)`)} union ${next('l x')}) select array(select id from l) as ids`
  })
  return `r.id = any((select ids from ${name})::uuid[])`
}

/** As sums they leave the planner the index of tokens, or of keys, alone. */
const ofType = (row: string, type: string): string =>
  `${row}.tenant + 0 = $1::int and ${row}.type + 0 = ${type}`

const downwards = (prefix: string, type: string, met: string): string =>
  `select r.id from resource r where r.tokens @> array[reference_token(${prefix}, x.id)] and ${ofType('r', type)}${met} offset 0`

/** Every token of a row is tried for the row that it may be a reference to. */
const upwards = (prefix: string, type: string, met: string): string =>
  `select p.id from (select unnest(r.tokens) as token from resource r where r.tenant = $1::int and r.type = ${type} and r.id = x.id${met} offset 0) k cross join lateral (select p.id from resource p where reference_token(0, p.id) = k.token # ${prefix} and ${ofType('p', type)} offset 0) p`
