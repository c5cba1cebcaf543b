/** `near` as SQL: http://hl7.org/fhir/R4/location.html#positional */
import type { Near } from './algebra.ts'
import { earth } from './params/near.ts'
import type { Values } from './statement.ts'

/** The position stands in the current version's JSONB: so few resources have one that no column is kept for it. */
export const nearFilter = ({ latitude, longitude, metres }: Near, values: Values): string => {
  const [lat, lon, most] = [latitude, longitude, metres].map((value) => values.add(value, 'float8'))
  const squares = `power(sind((p.lat - ${lat}) / 2), 2) + cosd(${lat}) * cosd(p.lat) * power(sind((p.lon - ${lon}) / 2), 2)`
  const positions = `select (v.json #>> '{position,latitude}')::float8 as lat, (v.json #>> '{position,longitude}')::float8 as lon from resource_version v where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version offset 0`
  return `exists (select from (${positions}) p where ${2 * earth} * asin(least(1, sqrt(${squares}))) <= ${most})`
}
