/** `near` as SQL: http://hl7.org/fhir/R4/location.html#positional */

import type { Near } from './algebra.ts'
import { floatOf } from './json-number-sql.ts'
import { earth } from './params/near.ts'
import type { Values } from './statement.ts'

/** Metres from the position `p` to the middle of the circle, along a great circle. */
const metresTo = ({ latitude, longitude }: Near, add: Values['add']): string => {
  const [lat, lon] = [add(latitude, 'float8'), add(longitude, 'float8')]
  const squares = `power(sind((p.lat - ${lat}) / 2), 2) + cosd(${lat}) * cosd(p.lat) * power(sind((p.lon - ${lon}) / 2), 2)`
  return `${2 * earth} * asin(least(1, sqrt(${squares})))`
}

/** Squares of smaller angles would be nearer to 0 than float8 can tell. */
const degrees = (name: string): string => floatOf(`v.json #>> '{position,${name}}'`, '1e-100')

/** The position stands in the current version's JSONB: so few resources have one that no column is kept for it. */
const positions = `(select ${degrees('latitude')} as lat, ${degrees('longitude')} as lon from resource_version v where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version offset 0) p`

/** Whether the resource `r` lies in the circle. */
export const nearFilter = (circle: Near, values: Values): string =>
  `exists (select from ${positions} where ${metresTo(circle, values.add)} <= ${values.add(circle.metres, 'float8')})`

/** Metres from the resource `r` to the nearest of the positions, null where it has none. */
export const distanceText = (circles: readonly Near[], add: Values['add']): string =>
  `(select least(${circles.map((circle) => metresTo(circle, add)).join(', ')}) from ${positions})`
