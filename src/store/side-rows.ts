/** The rows of the side tables, written and replaced by the statement that writes their resource. */
import type { StoredRows } from '../search/index.ts'
import { arrayOf } from './key.ts'

export type SideRows = StoredRows

/** The letters of the kinds of rows that there are: `s`, `d`, `q`. They are a part of the statement's name. */
export type Kinds = string

export const kindsOf = (rows: SideRows | undefined): Kinds =>
  `${rows?.strings ? 's' : ''}${rows?.dates ? 'd' : ''}${rows?.quantities ? 'q' : ''}`

/** The kinds of rows that any of these resources has. */
export const kindsAmong = (resources: readonly { readonly rows?: SideRows }[]): Kinds => {
  let [strings, dates, quantities] = [false, false, false]
  for (const { rows } of resources) {
    if (rows?.strings) strings = true
    if (rows?.dates) dates = true
    if (rows?.quantities) quantities = true
  }
  return `${strings ? 's' : ''}${dates ? 'd' : ''}${quantities ? 'q' : ''}`
}

/** Raw control characters never stand in indexed text, so this one may stand between texts. */
const separator = '\u001e'

const texts = (column: readonly (string | null)[]): string => column.map((text) => text ?? '').join(separator)
const values = (column: readonly (string | number | null)[]): string => {
  let all = '{'
  for (let n = 0; n < column.length; n++) all += `${n === 0 ? '' : ','}${column[n] ?? 'NULL'}`
  return `${all}}`
}

type Table = {
  readonly letter: string
  readonly name: string
  /** Columns after tenant, type and id, with the type of their arrays; texts are split. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly values: (rows: SideRows) => readonly string[]
}

const tables: readonly Table[] = [
  {
    letter: 's',
    name: 'search_string',
    columns: [
      ['parameter', 'int'],
      ['folded', 'text'],
      ['rest', 'text'],
      ['exact', 'text'],
    ],
    values: ({ strings: s }) =>
      s ? [arrayOf(s.parameter), texts(s.folded), texts(s.rest), texts(s.exact)] : [],
  },
  {
    letter: 'd',
    name: 'search_date',
    columns: [
      ['parameter', 'int'],
      ['low', 'timestamptz'],
      ['high', 'timestamptz'],
    ],
    values: ({ dates: d }) => (d ? [arrayOf(d.parameter), arrayOf(d.low), arrayOf(d.high)] : []),
  },
  {
    letter: 'q',
    name: 'search_quantity',
    columns: [
      ['parameter', 'int'],
      ['code', 'bigint'],
      ['coded', 'bigint'],
      ['low', 'float8'],
      ['high', 'float8'],
      ['canonical_low', 'float8'],
      ['canonical_high', 'float8'],
      ['system_unit', 'bigint'],
      ['code_unit', 'bigint'],
      ['name_unit', 'bigint'],
    ],
    values: ({ quantities: q }) =>
      q
        ? [
            arrayOf(q.parameter),
            arrayOf(q.code),
            arrayOf(q.coded),
            arrayOf(q.low),
            arrayOf(q.high),
            values(q.canonicalLow),
            values(q.canonicalHigh),
            values(q.systemUnit),
            values(q.codeUnit),
            values(q.nameUnit),
          ]
        : [],
  },
]

const used = (kinds: Kinds): readonly Table[] => tables.filter(({ letter }) => kinds.includes(letter))

const array = (at: number, type: string): string =>
  type === 'text' ? `string_to_array($${at}, e'\\x1e', '')` : `$${at}::${type}[]`

/** How many parameters the rows of these kinds take, without their resources' keys. */
export const sideWidth = (kinds: Kinds): number =>
  used(kinds).reduce((sum, { columns }) => sum + columns.length, 0)

/** The parameters of one resource's rows. */
export const sideValues = (rows: SideRows | undefined): readonly unknown[] =>
  rows ? tables.flatMap((table) => table.values(rows)) : []

/**
 * WITH queries that insert one resource's rows, whose parameters begin at `at`; the key is `$1` to `$3`. They depend
 * on `row` where there is such a query, and are empty without kinds.
 */
export const insertSide = (kinds: Kinds, at: number, row: boolean): string => {
  let next = at
  return used(kinds)
    .map(({ letter, name, columns }) => {
      const names = columns.map(([column]) => column).join(', ')
      const arrays = columns.map(([, type]) => array(next++, type)).join(', ')
      return `,
side_${letter} as (
  insert into ${name} (tenant, type, id, ${names})
  select $1::int, $2::smallint, $3::uuid, ${columns.map(([column]) => `u.${column}`).join(', ')}
  from ${row ? 'row, ' : ''}unnest(${arrays}) as u(${names}))`
    })
    .join('')
}

/** WITH queries that delete the rows of the resource whose key is `$1` to `$3`, when `row` says that it was written. */
export const deleteSide: string = tables
  .map(
    ({ letter, name }) => `,
old_${letter} as (delete from ${name} s using row where s.tenant = $1 and s.type = $2 and s.id = $3)`,
  )
  .join('')

/**
 * WITH queries that delete the rows of resources that `input` writes again. The rows are found first, one resource
 * after the other: in a join the planner might begin with the whole table.
 */
export const deleteManySide: string = tables
  .map(
    ({ letter, name }) => `,
old_${letter} as (
  delete from ${name} where ctid = any(array(
    select s.at from input i cross join lateral (
      select ctid as at from ${name} where tenant = $1 and type = i.type and id = i.id offset 0) s
    where i.version > 1)))`,
  )
  .join('')

/** The rows of a resource together with its key. */
export type KeyedRows = { readonly type: number; readonly key: string; readonly rows: SideRows }

/** The parameters of the rows of many resources: for each kind types, keys and columns. */
export const manySideValues = (kinds: Kinds, all: readonly KeyedRows[]): readonly unknown[] => {
  const made: string[] = []
  for (const table of used(kinds)) pushTable(made, table, all)
  return made
}

const pushTable = (into: string[], table: Table, all: readonly KeyedRows[]): void => {
  const { columns } = table
  const types: number[] = []
  const keys: string[] = []
  const pieces: string[][] = columns.map(() => [])
  for (const { type, key, rows } of all) {
    const written = table.values(rows)
    if (written.length === 0) continue
    for (let left = lengthOf(table, rows); left > 0; left--) {
      types.push(type)
      keys.push(key)
    }
    for (let n = 0; n < columns.length; n++) (pieces[n] as string[]).push(written[n] as string)
  }
  into.push(arrayOf(types), arrayOf(keys))
  for (let n = 0; n < columns.length; n++)
    into.push(joined(pieces[n] as string[], columns[n]?.[1] === 'text'))
}

/** One array, or one list of texts, out of those of several resources. */
const joined = (pieces: readonly string[], isText: boolean): string => {
  if (isText) return pieces.join(separator)
  let all = '{'
  for (const piece of pieces) all += `${all === '{' ? '' : ','}${piece.slice(1, -1)}`
  return `${all}}`
}

const lengthOf = ({ letter }: Table, rows: SideRows): number =>
  (letter === 's' ? rows.strings : letter === 'd' ? rows.dates : rows.quantities)?.parameter.length ?? 0

/** WITH queries that insert the rows of many resources, whose parameters begin at `at`, if `condition` holds. */
export const insertManySide = (kinds: Kinds, at: number, condition = 'true'): string => {
  let next = at
  return used(kinds)
    .map(({ letter, name, columns }) => {
      const names = columns.map(([column]) => column).join(', ')
      const arrays = [['type', 'smallint'], ['id', 'uuid'], ...columns]
        .map(([, type = '']) => array(next++, type))
        .join(', ')
      return `,
side_${letter} as (
  insert into ${name} (tenant, type, id, ${names})
  select $1::int, u.* from unnest(${arrays}) as u(type, id, ${names})
  where ${condition})`
    })
    .join('')
}
