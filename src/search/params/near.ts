/** The parameter `near` of Location: http://hl7.org/fhir/R4/location.html#positional */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import { anyToken, type Condition, every, type Near, some } from '../algebra.ts'
import type { Indexed } from '../extract.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'
import type { Out, Restriction } from './token.ts'

/*
 * A position is written as the cells that it lies in on three grids, `Location.near|0:825,-1427`, so that a circle is
 * looked up by the cells that it touches, and as itself, `Location.near@41.25,-71.35`, from which memory.ts knows it.
 * The statement measures the distance to the position in the resource's JSONB.
 */

/** Degrees of latitude and longitude that a cell is wide, by grid. */
const grids = [0.05, 0.5, 5] as const

const cell = (grid: number, row: number, column: number): string => `${grid}:${row},${column}`

type Members = { readonly [member: string]: JsonValue | undefined }

const isDegree = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Math.abs(value) <= most

/** Tokens of Location.position. */
export const position = (out: Out, prefix: string, { latitude, longitude }: Members): void => {
  if (!isDegree(latitude, 90) || !isDegree(longitude, 180)) return
  out.push(`${prefix.slice(0, -1)}@${latitude},${longitude}`)
  grids.forEach((size, grid) => {
    out.push(prefix + cell(grid, Math.floor(latitude / size), columnOf(longitude, size)))
  })
}

/** Columns go once around the earth: 180 degrees east is 180 degrees west. */
const columnOf = (longitude: number, size: number): number => {
  const columns = Math.round(360 / size)
  return ((Math.floor((longitude + 180) / size) % columns) + columns) % columns
}

export const specialWriters: Readonly<Record<string, string>> = { 'Location.position': 'position' }

/** Metres in the units of UCUM that a distance may have. */
const units: Readonly<Record<string, number>> = {
  km: 1000,
  m: 1,
  cm: 0.01,
  '[mi_i]': 1609.344,
  '[mi_us]': 1609.347_218_694_4,
  '[nmi_i]': 1852,
  '[yd_i]': 0.9144,
  '[ft_i]': 0.3048,
}

/** Metres that are near when the client does not say: ours to choose. */
const nearby = 50_000

/** The condition of `near`: `[latitude]|[longitude]|[distance]|[units]`, the last two optional. */
export const restrictNear = (indexed: Indexed, values: readonly string[]): Restriction => {
  const alternatives: Condition[] = []
  for (const value of values) {
    const circle = readCircle(value)
    if ('severity' in circle) return { issue: circle }
    alternatives.push(every([cellsOf(indexed, circle), circle]))
  }
  return { condition: some(alternatives), locks: [] }
}

const decimal = /^-?\d{1,6}(?:\.\d{1,15})?$/

const readCircle = (value: string): Near | Issue => {
  const [lat = '', lon = '', distance = '', unit = '', ...rest] = splitUnescaped(value, '|').map(
    unescapeValue,
  )
  const wrong = (text: string): Issue => issue('value', text, 'http.near')
  if (![lat, lon].every((text) => decimal.test(text)) || rest.length > 0)
    return wrong('"near" needs [latitude]|[longitude]|[distance]|[units], such as 42.25|-83.69|11|km.')
  const latitude = Number(lat)
  const longitude = Number(lon)
  if (!isDegree(latitude, 90) || !isDegree(longitude, 180))
    return wrong('The latitude of "near" lies between -90 and 90, the longitude between -180 and 180.')
  const factor = units[unit === '' ? 'km' : unit]
  if (factor === undefined)
    return wrong(
      `The unit of the distance of "near" is one of ${Object.keys(units).join(', ')}, or none for km.`,
    )
  if (distance !== '' && (!decimal.test(distance) || distance.startsWith('-')))
    return wrong('The distance of "near" is a number, 0 or more.')
  const metres = distance === '' ? nearby : Number(distance) * factor
  return { kind: 'near', latitude, longitude, metres }
}

/** Mean radius of the earth in metres. */
export const earth = 6_371_008.8
const degree = Math.PI / 180

/** Metres along a great circle. */
export const distance = (from: Near, latitude: number, longitude: number): number => {
  const a = Math.sin(((latitude - from.latitude) * degree) / 2) ** 2
  const b = Math.sin(((longitude - from.longitude) * degree) / 2) ** 2
  const both = a + Math.cos(from.latitude * degree) * Math.cos(latitude * degree) * b
  return 2 * earth * Math.asin(Math.min(1, Math.sqrt(both)))
}

const at = /^[^|]*@(-?[\d.e-]+),(-?[\d.e-]+)$/

/** Whether one of the positions among the tokens lies in the circle. */
export const isNear = (circle: Near, tokens: readonly string[]): boolean =>
  tokens.some((token) => {
    const found = token.includes('@') ? at.exec(token) : null
    return found !== null && distance(circle, Number(found[1]), Number(found[2])) <= circle.metres
  })

/** More cells than this are not looked up. */
const mostCells = 300

/** Every cell that the circle touches, on the finest grid where these are few; any position when it is too wide. */
const cellsOf = ({ prefix, present }: Indexed, circle: Near): Condition => {
  // A little more than the circle, as rounding must not lose what lies on its edge.
  const angle = (circle.metres / earth) * 1.001 + 1e-9
  const high = angle / degree
  const south = Math.max(-90, circle.latitude - high)
  const north = Math.min(90, circle.latitude + high)
  const hasPole = south === -90 || north === 90 || angle >= Math.PI / 2
  const ratio = hasPole ? 1 : Math.sin(angle) / Math.cos(circle.latitude * degree)
  const wide = ratio >= 1 ? 180 : Math.asin(ratio) / degree
  for (const [grid, size] of grids.entries()) {
    const rows = range(Math.floor(south / size), Math.floor(north / size))
    const first = Math.floor((circle.longitude - wide + 180) / size)
    const last = Math.floor((circle.longitude + wide + 180) / size)
    const around = Math.round(360 / size)
    const columns = last - first >= around ? around : last - first + 1
    if (rows.count * columns > mostCells) continue
    const cells: string[] = []
    for (let row = rows.first; row < rows.first + rows.count; row++)
      for (let n = 0; n < columns; n++)
        cells.push(prefix + cell(grid, row, (((first + n) % around) + around) % around))
    return anyToken(cells, 'many')
  }
  return present
}

const range = (first: number, last: number) => ({ first, count: last - first + 1 })
