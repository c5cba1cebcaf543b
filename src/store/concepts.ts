/** The ConceptSource of terminology: systems, concepts by code, and selections in the order of the hierarchy. */
import {
  type ConceptFilter,
  type ConceptKey,
  type ConceptPage,
  type ConceptQuery,
  type ConceptSource,
  complement,
  intersect,
  type Property,
  type PropertyDefinition,
  type Ranges,
  rangesOf,
  rangesText,
  readRanges,
  type StoredConcept,
  type StoredSystem,
  sizeOf,
  slice,
} from '../terminology/index.ts'
import { lexemes } from './concept-words.ts'
import type { Database } from './database.ts'
import { arrayOf } from './key.ts'

type SystemRow = {
  readonly tenant: number
  readonly number: number
  readonly url: string
  readonly version: string
  readonly name: string
  readonly count: number
  readonly has_inactive: boolean
  readonly properties: readonly PropertyDefinition[]
}

type Row = {
  readonly tenant: number
  readonly system: number
  readonly number: number
  readonly code: string
  readonly display: string | null
  readonly definition: string | null
  readonly inactive: boolean
  readonly abstract: boolean
  readonly properties: readonly Property[] | null
  readonly designations: StoredConcept['designations'] | null
  readonly parents: readonly number[] | null
  readonly children: readonly number[] | null
  readonly above: readonly number[] | null
}

const columns = `c.tenant, c.system, c.number, c.code, c.display, c.definition, c.inactive, c.abstract, c.properties,
  c.designations, c.parents, c.children, c.above`

/** A tenant's own go before those that all share. */
const systemsText = `
select tenant, number, url, version, name, count, has_inactive, properties from concept_system
where tenant = any(array[$1::int, 0]) and state = 'active'
order by url, tenant desc, version desc, number`

const findText = `
select ${columns} from unnest($1::int[], $2::int[], $3::text[]) k(tenant, system, code)
cross join lateral (
  select * from concept c where c.tenant = k.tenant and c.system = k.system and c.code = k.code offset 0) c`

const numbersText = `
select ${columns} from unnest($3::int[]) k(number)
cross join lateral (
  select * from concept c where c.tenant = $1 and c.system = $2 and c.number = k.number offset 0) c
order by c.number`

/** More than this is not counted. */
const mostCounted = 10_000

const byWordsText = `
with found as (
  select c.number from concept c
  where c.words @@ $3::tsquery and c.tenant = $1 and c.system = $2 and c.number <@ $4::int4multirange
  limit ${mostCounted + 1}),
counted as (select count(*)::int as total from found)
select ${columns}, counted.total from counted
left join lateral (
  select f.number as place from found f where counted.total <= ${mostCounted} order by f.number offset $5 limit $6) p on true
left join lateral (
  select * from concept c where c.tenant = $1 and c.system = $2 and c.number = p.place offset 0) c on true
order by c.number`

/** Few numbers are looked at one after the other, however many concepts have the words. */
const byRangesText = `
with found as (
  select c.number from unnest($4::int[], $5::int[]) r(low, high) cross join lateral (
    select number, words from concept c
    where c.tenant = $1 and c.system = $2 and c.number >= r.low and c.number < r.high offset 0) c
  where c.words @@ $3::tsquery),
counted as (select count(*)::int as total from found)
select ${columns}, counted.total from counted
left join lateral (select f.number as place from found f order by f.number offset $6 limit $7) p on true
left join lateral (
  select * from concept c where c.tenant = $1 and c.system = $2 and c.number = p.place offset 0) c on true
order by c.number`

/** When so many match, the next ones are not far. The words are kept from their index. */
const inOrderText = `
select ${columns} from concept c
where c.tenant = $1 and c.system = $2 and c.number >= $7 and c.number < $8
  and c.number <@ $4::int4multirange and coalesce(c.words, '') @@ $3::tsquery
order by c.tenant, c.system, c.number offset $5 limit $6`

const belowText = `
select number, below::text as below from concept where tenant = $1 and system = $2 and code = $3`

const toConcept = (row: Row): StoredConcept => ({
  code: row.code,
  ...(row.display === null ? {} : { display: row.display }),
  ...(row.definition === null ? {} : { definition: row.definition }),
  designations: row.designations ?? [],
  properties: row.properties ?? [],
  inactive: row.inactive,
  abstract: row.abstract,
  number: row.number,
  parents: row.parents ?? [],
  children: row.children ?? [],
  above: row.above ?? [],
})

/** Known for so long, in ms: a system that was loaded takes effect after that. */
const freshness = 5000

/** Up to so many numbers are looked at one after the other rather than by words. */
const few = 10_000

/** So many numbers from the first on tell how many have the words. */
const sample = 1000

type Below = { readonly number?: number; readonly ranges: Ranges }

/** Ranges that are remembered: some 60 MB. */
const mostRanges = 1_000_000

export const createConcepts = (database: Pick<Database, 'read' | 'query'>): ConceptSource => {
  const lately = new Map<
    number,
    { readonly list: readonly StoredSystem[]; readonly text: string; readonly at: number }
  >()

  const systems = async (tenant: number): Promise<readonly StoredSystem[]> => {
    const known = lately.get(tenant)
    if (known && performance.now() - known.at < freshness) return known.list
    const rows = await database.read<SystemRow>({
      name: 'concept_systems',
      text: systemsText,
      tenant,
      values: [tenant],
    })
    const text = JSON.stringify(rows)
    const list = known?.text === text ? known.list : rows.map(toSystem).sort(newestFirst)
    lately.set(tenant, { list, text, at: performance.now() })
    return list
  }

  const find = async (keys: readonly ConceptKey[]): Promise<readonly (StoredConcept | undefined)[]> => {
    const rows = await database.read<Row>({
      name: 'concepts_find',
      tenant: null,
      text: findText,
      values: [
        arrayOf(keys.map(({ system }) => system.tenant)),
        arrayOf(keys.map(({ system }) => system.number)),
        keys.map(({ code }) => code),
      ],
    })
    const byKey = new Map(rows.map((row) => [`${row.tenant} ${row.system} ${row.code}`, row]))
    return keys.map(({ system, code }) => {
      const row = byKey.get(`${system.tenant} ${system.number} ${code}`)
      return row && toConcept(row)
    })
  }

  const byNumbers = async (
    { tenant, number }: StoredSystem,
    numbers: readonly number[],
  ): Promise<StoredConcept[]> => {
    if (numbers.length === 0) return []
    const rows = await database.query<Row>({
      name: 'concepts_numbers',
      text: numbersText,
      tenant,
      values: [tenant, number, arrayOf(numbers)],
    })
    return rows.map(toConcept)
  }

  // What is below the concepts that value sets name; a loaded system never changes, another load has another number.
  const remembered = new Map<string, Below>()
  let held = 0
  const belowOf = async ({ tenant, number }: StoredSystem, code: string): Promise<Below> => {
    const key = `${tenant} ${number} ${code}`
    const known = remembered.get(key)
    if (known) return known
    const values = [tenant, number, code]
    const [row] = await database.read<{ number: number; below: string | null }>({
      name: 'concepts_below',
      text: belowText,
      tenant,
      values,
    })
    if (!row) return { ranges: [] }
    const ranges = row.below === null ? rangesOf([row.number]) : readRanges(row.below)
    const made = { number: row.number, ranges }
    held += ranges.length
    remembered.set(key, made)
    for (const [oldest, { ranges: gone }] of remembered) {
      if (held <= mostRanges) break
      remembered.delete(oldest)
      held -= gone.length
    }
    return made
  }

  /** What a filter leaves, as far as it is about the hierarchy or names codes; undefined for others. */
  const rangesFor = async (
    system: StoredSystem,
    { property, op, value }: ConceptFilter,
  ): Promise<Ranges | undefined> => {
    const isOfConcept = property === 'concept' || property === 'code'
    if (isOfConcept && op === 'generalizes') {
      const [named] = await find([{ system, code: value }])
      return rangesOf(named ? [named.number, ...named.above] : [])
    }
    if (isOfConcept && ['=', 'in', 'not-in'].includes(op)) {
      const codes = op === '=' ? [value] : value.split(',').map((one) => one.trim())
      const found = await find(codes.map((code) => ({ system, code })))
      const ranges = rangesOf(found.flatMap((one) => (one ? [one.number] : [])))
      return op === 'not-in' ? complement(ranges, system.count) : ranges
    }
    if ((property === 'parent' || property === 'child') && op === '=') {
      const [named] = await find([{ system, code: value }])
      return rangesOf((property === 'parent' ? named?.children : named?.parents) ?? [])
    }
    if (!isOfConcept || !['is-a', 'descendent-of', 'is-not-a'].includes(op)) return undefined
    const { number, ranges } = await belowOf(system, value)
    if (op === 'is-a') return ranges
    if (op === 'is-not-a') return complement(ranges, system.count)
    return number === undefined ? [] : intersect(ranges, complement([[number, number + 1]], system.count))
  }

  const narrow = async ({ system, filters, codes, after }: ConceptQuery): Promise<Ranges> => {
    const all = await Promise.all(filters.map((filter) => rangesFor(system, filter)))
    if (codes) {
      const named = await find(codes.map((code) => ({ system, code })))
      all.push(rangesOf(named.flatMap((one) => (one ? [one.number] : []))))
    }
    const whole: Ranges = [[after === undefined ? 0 : Math.min(after + 1, system.count), system.count]]
    return all.reduce<Ranges>((left, right) => (right ? intersect(left, right) : left), whole)
  }

  const select = async (query: ConceptQuery): Promise<ConceptPage> => {
    const { system, offset, limit } = query
    const ranges = await narrow(query)
    const words = lexemes(query)
    const size = sizeOf(ranges)
    if (words === undefined)
      return { concepts: await byNumbers(system, slice(ranges, offset, limit)), total: size }
    const own = [system.tenant, system.number, words]
    const within = (some: Ranges): Promise<ConceptPage> => {
      const bounds = [arrayOf(some.map(([from]) => from)), arrayOf(some.map(([, to]) => to))]
      return counted('concepts_ranges', byRangesText, [...own, ...bounds, offset, limit])
    }
    if (size <= few) return await within(ranges)
    const first = await within(rangesOf(slice(ranges, 0, sample)))
    // The index would have to look at all that have the words: too many to be counted, and the page is here.
    const isDense = ((first.total ?? 0) / sample) * system.count > mostCounted
    if (isDense && first.concepts.length === limit) return { concepts: first.concepts }
    const values = [...own, rangesText(ranges), offset, limit]
    const page = await counted('concepts_words', byWordsText, values)
    if (page.total !== undefined && page.total <= mostCounted) return page
    const ordered = await database.query<Row>({
      name: 'concepts_in_order',
      text: inOrderText,
      tenant: null,
      values: [...values, ranges[0]![0], ranges.at(-1)![1]],
    })
    return { concepts: ordered.map(toConcept) }
  }

  const counted = async (name: string, text: string, values: readonly unknown[]): Promise<ConceptPage> => {
    const rows = await database.query<Row & { readonly total: number }>({ name, tenant: null, text, values })
    return {
      concepts: rows.filter(({ code }) => code !== null).map(toConcept),
      total: rows[0]?.total ?? 0,
    }
  }

  return {
    known: (tenant) => {
      const known = lately.get(tenant)
      return known && performance.now() - known.at < freshness ? known.list : undefined
    },
    systems,
    find,
    select,
    named: async (system, numbers) =>
      new Map((await byNumbers(system, numbers)).map((concept) => [concept.number, concept])),
  }
}

const toSystem = (row: SystemRow): StoredSystem => ({
  kind: 'stored',
  tenant: row.tenant,
  number: row.number,
  url: row.url,
  ...(row.version === '' ? {} : { version: row.version }),
  name: row.name,
  count: row.count,
  hasInactive: row.has_inactive,
  properties: row.properties,
})

/** A tenant's own first, then by version as people count: 2.9 stands before 2.10. */
const newestFirst = (a: StoredSystem, b: StoredSystem): number =>
  b.tenant - a.tenant || (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true })
