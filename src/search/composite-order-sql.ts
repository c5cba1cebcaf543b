/** The values of a composite that order its resource, in SQL: http://hl7.org/fhir/R4/search.html#sort */
import type { Combinations, Group, Source } from './composite-order.ts'
import { parameterNumber } from './hash.ts'
import { floatOf } from './json-number-sql.ts'
import type { Add } from './value-sql.ts'

/** The value `x.x` as text: as many characters as an index has of texts, because the links to other pages carry it. */
export const textHead = `left(x.x #>> '{}', 200) collate "C"`

const each = (json: string, paths: readonly string[], add: Add): string =>
  paths
    .map((path) => `select jsonb_path_query(${json}, ${add(path, 'jsonpath')}, '{}', true) as x`)
    .join(' union all ')

const rowsOf = (table: string, parameters: readonly string[], add: Add): string =>
  `from ${table} s where s.tenant = $1::int and s.type = r.type and s.id = r.id and s.parameter + 0 = any(${add(parameters.map(parameterNumber), 'int[]')})`

/**
 * The lower end of an amount. Its row, which has it in the units of UCUM's base, is found by the number as it was
 * written: rows know their codes as hashes only. What is more than a number begins right above it.
 */
const amounts = (source: Source & { readonly from: 'quantities' }, json: string, add: Add): string => {
  const { paths, ranges, parameters } = source
  const ends = [
    ...(paths.length > 0
      ? [
          `select case when x.x ->> 'comparator' in ('<', '<=') then '-Infinity' else ${floatOf("x.x ->> 'value'")} end as low, x.x ->> 'comparator' is not distinct from '>' as above from (${each(json, paths, add)}) x where jsonb_typeof(x.x -> 'value') = 'number'`,
        ]
      : []),
    ...(ranges.length > 0
      ? [
          `select coalesce(${floatOf("x.x #>> '{low,value}'")}, '-Infinity') as low, false as above from (${each(json, ranges, add)}) x where coalesce(x.x #> '{low,value}', x.x #> '{high,value}') is not null`,
        ]
      : []),
  ]
  const near = `s.low >= l.low and s.low <= case when l.above then l.low + abs(l.low) * 4e-16 + 1e-300 else l.low end`
  return `select coalesce((select min(coalesce(s.canonical_low, s.low)) ${rowsOf('search_quantity', parameters, add)} and ${near}), l.low) as x from (${ends.join(' union all ')}) l`
}

const values = (source: Source, element: string, add: Add): string => {
  if (source.from === 'strings')
    return `select s.folded collate "C" as x ${rowsOf('search_string', source.parameters, add)}`
  if (source.from === 'dates')
    return `select (extract(epoch from s.low) * 1000)::float8 as x ${rowsOf('search_date', source.parameters, add)}`
  if (source.from === 'date') return 'select (extract(epoch from r.date_low) * 1000)::float8 as x'
  const json = source.ofResource ? 'v.json' : element
  if (source.from === 'quantities') return amounts(source, json, add)
  const read = source.from === 'numbers' ? floatOf("x.x #>> '{}'") : textHead
  return `select ${read} as x from (${each(json, source.paths, add)}) x`
}

const combined = ({ path, sources }: Group, add: Add): string => {
  const parts = sources.map((source, n) => `cross join lateral (${values(source, 'e.json', add)}) p${n}`)
  const columns = sources.map((_, n) => `p${n}.x as c${n}`)
  const present = sources.map((_, n) => `p${n}.x is not null`)
  return `select ${columns.join(', ')} from jsonb_path_query(v.json, ${add(path, 'jsonpath')}, '{}', true) e(json) ${parts.join(' ')} where ${present.join(' and ')}`
}

/** One component of the combination that comes first, of the resource `r`: text or float8, null where there is none. */
export const componentText = (
  { groups, kinds }: Combinations,
  part: number,
  descending: boolean,
  add: Add,
): string => {
  const all = groups.map((group) => combined(group, add)).join(' union all ')
  const order = kinds.map((_, n) => `x.c${n}${descending ? ' desc' : ''}`).join(', ')
  return `(select x.c${part} from resource_version v cross join lateral (${all}) x where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version order by ${order} limit 1)`
}
