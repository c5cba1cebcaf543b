/** Index rows as the store writes them: hashes for tokens, codes and units, numbers for parameters. */
import { isoOf } from '../base/instant.ts'
import type { DateRow, IndexRows, QuantityRow, StringRow } from './algebra.ts'
import { hashToken, parameterNumber } from './hash.ts'
import { readWordsToken } from './params/text.ts'

/** A date's ends as ISO 8601. */
export type StoredDate = { readonly low: string; readonly high: string }

/** `token` is a 64-bit hash as decimal text; `parameter` a number. */
export type StoredText = { readonly token: string; readonly parameter: number; readonly words: string }

/** Rows of side tables, column by column, all of equal length; null stands for an absent value. */
export type StoredRows = {
  readonly date?: StoredDate
  /** Texts that the table of texts must have: the resource's tokens name them. `words` are joined by spaces. */
  readonly texts?: readonly StoredText[]
  readonly strings?: {
    readonly parameter: readonly number[]
    readonly folded: readonly string[]
    readonly rest: readonly (string | null)[]
    readonly exact: readonly (string | null)[]
  }
  readonly dates?: {
    readonly parameter: readonly number[]
    readonly low: readonly string[]
    readonly high: readonly string[]
  }
  /** `code` to `name_unit` are 64-bit hashes as decimal text; `code` and `coded` are 0 where there is none. */
  readonly quantities?: {
    readonly parameter: readonly number[]
    readonly code: readonly string[]
    readonly coded: readonly string[]
    readonly low: readonly number[]
    readonly high: readonly number[]
    readonly canonicalLow: readonly (number | null)[]
    readonly canonicalHigh: readonly (number | null)[]
    readonly systemUnit: readonly (string | null)[]
    readonly codeUnit: readonly (string | null)[]
    readonly nameUnit: readonly (string | null)[]
  }
}

/** Index entries must not be longer than a part of a page. */
const longest = 200

/** The beginning of a text that the index holds: 200 UTF-16 units, whole characters. */
export const head = (text: string): string =>
  text.length <= longest ? text : text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')

const numbers = (rows: readonly { readonly parameter: string }[]): number[] =>
  rows.map(({ parameter }) => parameterNumber(parameter))

const strings = (rows: readonly StringRow[]): StoredRows['strings'] & object => {
  const folded = rows.map((row) => head(row.folded))
  return {
    parameter: numbers(rows),
    folded,
    rest: rows.map((row, n) => (row.folded === folded[n] ? null : row.folded)),
    exact: rows.map((row) => (row.exact === row.folded ? null : row.exact)),
  }
}

const dates = (rows: readonly DateRow[]): StoredRows['dates'] & object => ({
  parameter: numbers(rows),
  low: rows.map(({ low }) => isoOf(low)),
  high: rows.map(({ high }) => isoOf(high)),
})

type Columns<Table> = {
  readonly [column in keyof Table]: Table[column] extends readonly (infer V)[] ? V[] : never
}

const quantities = (tenant: number, rows: readonly QuantityRow[]): StoredRows['quantities'] & object => {
  const hash = (text: string | undefined): string | null =>
    text === undefined ? null : hashToken(tenant, text)
  const columns: Columns<StoredRows['quantities'] & object> = {
    ...{ parameter: [], code: [], coded: [], low: [], high: [], canonicalLow: [], canonicalHigh: [] },
    ...{ systemUnit: [], codeUnit: [], nameUnit: [] },
  }
  for (const { parameter, code, coded, low, high, canonical, system, unit, name } of rows) {
    columns.parameter.push(parameterNumber(parameter))
    columns.code.push(hash(code) ?? '0')
    columns.coded.push(hash(coded) ?? '0')
    columns.low.push(low)
    columns.high.push(high)
    columns.canonicalLow.push(canonical?.low ?? null)
    columns.canonicalHigh.push(canonical?.high ?? null)
    columns.systemUnit.push(hash(system))
    columns.codeUnit.push(hash(unit))
    columns.nameUnit.push(hash(name))
  }
  return columns
}

const texts = (tenant: number, { tokens }: IndexRows): readonly StoredText[] => {
  const found: StoredText[] = []
  for (const token of tokens) {
    const text = readWordsToken(token)
    if (text)
      found.push({
        token: hashToken(tenant, token),
        parameter: parameterNumber(text.parameter),
        words: text.words,
      })
  }
  return found
}

/** What to write into the resource's row beside its tokens, and into the side tables. */
export const storedRows = (tenant: number, rows: IndexRows): StoredRows => {
  const stored: { -readonly [member in keyof StoredRows]: StoredRows[member] } = {}
  const said = texts(tenant, rows)
  if (said.length > 0) stored.texts = said
  if (rows.date) stored.date = { low: isoOf(rows.date.low), high: isoOf(rows.date.high) }
  if (rows.strings.length > 0) stored.strings = strings(rows.strings)
  if (rows.dates.length > 0) stored.dates = dates(rows.dates)
  if (rows.quantities.length > 0) stored.quantities = quantities(tenant, rows.quantities)
  return stored
}
