/** Loads a code system: what was read is kept, so that a load goes on where it stopped, and takes effect at once at its end. */
import {
  type ConceptRow,
  type Designation,
  grouped,
  type Hierarchy,
  type Loading,
  numberHierarchy,
  type Property,
  rangesText,
} from '../terminology/index.ts'
import { tsvector } from './concept-words.ts'
import type { Database } from './database.ts'

/** Rows read, concepts written, of `total` where it is known. */
export type LoadProgress = {
  readonly phase: 'reading' | 'building'
  readonly done: number
  readonly total?: number
}

export type Loaded = { readonly count: number; readonly circular: number }

type Target = { readonly tenant: number; readonly number: number }
type Open = { readonly number: number; readonly state: string; readonly rows_read: string }

const batch = 1000

const beginText = `
insert into concept_system (tenant, url, version, name, state, properties)
values ($1, $2, $3, $4, 'reading', $5::jsonb)
on conflict (tenant, url, version) where state in ('reading', 'building')
do update set name = excluded.name, properties = excluded.properties
returning number, state, rows_read`

const draftText = `
with read as (
  update concept_system set rows_read = $4 + cardinality($5::text[]) where tenant = $1 and number = $2 and rows_read = $4
  returning number)
insert into concept_draft (tenant, system, place, code, content)
select $1::int, $2::int, $4::bigint + d.n, d.code, d.content::jsonb
from unnest($5::text[], $3::text[]) with ordinality d(code, content, n), read`

const linksText = `
select code, place::float8 as place, content->'parents' as parents, content->'partial' is null as whole from concept_draft
where tenant = $1 and system = $2 and (code, place) > ($3::text, $4::bigint)
order by tenant, system, code, place limit 20000`

const contentText = `
select d.code, d.content from unnest($3::text[]) k(code) cross join lateral (
  select code, content, place from concept_draft d where d.tenant = $1 and d.system = $2 and d.code = k.code
  order by d.tenant, d.system, d.code, d.place) d`

const insertText = `
insert into concept (tenant, system, number, code, display, definition, inactive, abstract, properties, designations,
  parents, children, above, below, words)
select $1::int, $2::int, c.number, c.code, c.display, c.definition, c.inactive, c.abstract, c.properties, c.designations,
  c.parents, c.children, c.above, c.below::int4multirange, c.words::tsvector
from jsonb_to_recordset($3::jsonb) c(number int, code text, display text, definition text, inactive boolean,
  abstract boolean, properties jsonb, designations jsonb, parents int[], children int[], above int[], below text, words text)`

const switchText = `
with old as (
  update concept_system o set state = 'replaced' from concept_system n
  where n.tenant = $1 and n.number = $2 and o.tenant = n.tenant and o.url = n.url and o.version = n.version and o.state = 'active'
  returning o.number)
select number from old`

const activeText = `
update concept_system set state = 'active', active_at = now(), count = $3, has_inactive = $4
where tenant = $1 and number = $2`

/** Everything that it holds in memory are the codes and the links between them. */
export const loadConcepts = async (
  database: Database,
  tenant: number,
  loading: Loading,
  progress: (at: LoadProgress) => void,
): Promise<Loaded> => {
  const { url, version = '', name, properties } = loading
  const values = [tenant, url, version, name, JSON.stringify(properties)]
  const [open] = await database.query<Open>({ name: 'load_begin', text: beginText, tenant, values })
  const target = { tenant, number: open!.number }
  if (open!.state === 'reading') await read(database, target, loading, Number(open!.rows_read), progress)
  return await build(database, target, progress)
}

const read = async (
  database: Database,
  target: Target,
  loading: Loading,
  done: number,
  progress: (at: LoadProgress) => void,
): Promise<void> => {
  let at = 0
  let rows: ConceptRow[] = []
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await draft(database, target, rows, at - rows.length)
    rows = []
    progress({ phase: 'reading', done: at })
  }
  for await (const row of loading.rows()) {
    at++
    // What was read before the load was broken off is there already.
    if (at <= done) continue
    rows.push(row)
    if (rows.length === batch) await flush()
  }
  await flush()
  await database.query({
    name: 'load_read',
    text: `update concept_system set state = 'building' where tenant = $1 and number = $2`,
    tenant: target.tenant,
    values: [target.tenant, target.number],
  })
}

const draft = (database: Database, { tenant, number }: Target, rows: readonly ConceptRow[], start: number) =>
  database.query({
    name: 'load_draft',
    text: draftText,
    tenant,
    values: [tenant, number, rows.map((row) => JSON.stringify(row)), start, rows.map(({ code }) => code)],
  })

type Codes = { readonly codes: readonly string[]; readonly links: Int32Array }

/** Codes in the order in which they were read. */
const readLinks = async (database: Database, { tenant, number }: Target): Promise<Codes> => {
  type Row = { code: string; place: number; parents: readonly string[] | null; whole: boolean }
  const first = new Map<string, number>()
  const named: [child: string, parent: string][] = []
  for (let [code, place] = ['', -1]; ; ) {
    const rows = await database.query<Row>({
      name: 'load_links',
      text: linksText,
      tenant,
      values: [tenant, number, code, place],
    })
    for (const row of rows) {
      if (row.whole && !first.has(row.code)) first.set(row.code, row.place)
      for (const parent of row.parents ?? []) named.push([row.code, parent])
    }
    const last = rows.at(-1)
    if (!last) break
    code = last.code
    place = last.place
  }
  const codes = [...first].sort((a, b) => a[1] - b[1]).map(([code]) => code)
  const places = new Map(codes.map((code, place) => [code, place]))
  const seen = new Set<number>()
  const links: number[] = []
  for (const [child, parent] of named) {
    const [low, high] = [places.get(child), places.get(parent)]
    if (low === undefined || high === undefined || low === high) continue
    const key = low * codes.length + high
    if (seen.has(key)) continue
    seen.add(key)
    links.push(low, high)
  }
  return { codes, links: Int32Array.from(links) }
}

const build = async (
  database: Database,
  target: Target,
  progress: (at: LoadProgress) => void,
): Promise<Loaded> => {
  const { tenant, number: system } = target
  const { codes, links } = await readLinks(database, target)
  const hierarchy = numberHierarchy(codes.length, links)
  const near = { parents: grouped(codes.length, links, 0), children: grouped(codes.length, links, 1) }
  const [made] = await database.query<{ last: number | null }>({
    name: 'load_last',
    text: 'select max(number) as last from concept where tenant = $1 and system = $2',
    tenant,
    values: [tenant, system],
  })
  for (let from = (made?.last ?? -1) + 1; from < codes.length; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, codes.length - from) }, (_, n) => from + n)
    const wanted = numbers.map((number) => codes[hierarchy.order[number]!]!)
    const rows = await database.query<{ code: string; content: ConceptRow }>({
      name: 'load_content',
      text: contentText,
      tenant,
      values: [tenant, system, wanted],
    })
    const byCode = Map.groupBy(rows, ({ code }) => code)
    const concepts = numbers.map((number, index) => ({
      ...merged(
        system,
        wanted[index]!,
        (byCode.get(wanted[index]!) ?? []).map(({ content }) => content),
      ),
      ...placed(hierarchy, near, number),
    }))
    await database.query({
      name: 'load_insert',
      text: insertText,
      tenant,
      values: [tenant, system, JSON.stringify(concepts)],
    })
    progress({ phase: 'building', done: from + numbers.length, total: codes.length })
  }
  await activate(database, target, codes.length)
  return { count: codes.length, circular: hierarchy.circular }
}

/** Places above a place, each once. */
const allAbove = (parents: ReturnType<typeof grouped>, place: number): number[] => {
  const found = new Set(parents.of(place))
  for (const one of found) for (const next of parents.of(one)) if (next !== place) found.add(next)
  return [...found]
}

const placed = (
  { order, numbers, below }: Hierarchy,
  near: { readonly parents: ReturnType<typeof grouped>; readonly children: ReturnType<typeof grouped> },
  number: number,
) => {
  const place = order[number]!
  const named = (list: ArrayLike<number>): number[] | null =>
    list.length === 0 ? null : Array.from(list, (one) => numbers[one]!)
  const ranges = below[number]
  return {
    number,
    parents: named(near.parents.of(place)),
    children: named(near.children.of(place)),
    above: named(allAbove(near.parents, place)),
    below: ranges === undefined ? null : rangesText(ranges),
  }
}

/** What the rows of one code say together; the first text stands. */
const merged = (system: number, code: string, rows: readonly ConceptRow[]) => {
  const first = <K extends keyof ConceptRow>(name: K): ConceptRow[K] | null =>
    rows.find((row) => row[name] !== undefined)?.[name] ?? null
  const designations: Designation[] = rows.flatMap((row) => row.designations ?? [])
  const properties: Property[] = rows.flatMap((row) => row.properties ?? [])
  const display = first('display')
  const [inactive, abstract] = [first('inactive') ?? false, first('abstract') ?? false]
  const texts = [...(display ? [display] : []), ...designations.map(({ value }) => value)]
  return {
    ...{ code, display, definition: first('definition'), inactive, abstract },
    properties: properties.length === 0 ? null : properties,
    designations: designations.length === 0 ? null : designations,
    words: tsvector(system, { code, texts, properties, inactive, abstract }),
  }
}

/** From one moment to the next for everybody; what it replaces is cleared away after that. */
const activate = async (database: Database, { tenant, number }: Target, count: number): Promise<void> => {
  const values = [tenant, number]
  const [inactive] = await database.query({
    name: 'load_inactive',
    text: `select 1 from concept where tenant = $1 and system = $2 and words @@ ('''!' || $2 || ''' & ''-''')::tsquery limit 1`,
    tenant,
    values,
  })
  await database.transact(async (tx) => {
    await tx.run({ name: 'load_switch', text: switchText, tenant, values })
    await tx.run({
      name: 'load_active',
      text: activeText,
      tenant,
      values: [...values, count, inactive !== undefined],
    })
  })
  await database.query({
    name: 'load_clear',
    text: 'delete from concept_draft where tenant = $1 and system = $2',
    tenant,
    values,
  })
  await clearReplaced(database)
  await database.query({
    name: 'load_analyze',
    text: `select refresh_statistics('concept')`,
    tenant: null,
    values: [],
  })
}

/** In portions, so that nobody waits for it. */
const clearReplaced = async (database: Database): Promise<void> => {
  const old = await database.query<Target>({
    name: 'load_replaced',
    text: `select tenant, number from concept_system where state = 'replaced'`,
    tenant: '*',
    values: [],
  })
  for (const { tenant, number } of old) {
    for (;;) {
      const gone = await database.query({
        name: 'load_remove',
        text: `delete from concept where (tenant, system, number) in (
          select tenant, system, number from concept where tenant = $1 and system = $2 limit 5000) returning 1`,
        tenant,
        values: [tenant, number],
      })
      if (gone.length === 0) break
    }
    await database.query({
      name: 'load_forget',
      text: 'delete from concept_system where tenant = $1 and number = $2',
      tenant,
      values: [tenant, number],
    })
  }
}

/** Takes a loaded system away; false when there is none. */
export const removeConcepts = async (
  database: Database,
  tenant: number,
  url: string,
  version: string,
): Promise<boolean> => {
  const rows = await database.query({
    name: 'load_take_away',
    text: `update concept_system set state = 'replaced'
      where tenant = $1 and url = $2 and version = $3 and state = 'active' returning 1`,
    tenant,
    values: [tenant, url, version],
  })
  await clearReplaced(database)
  return rows.length > 0
}
