/** Text files of publishers line by line: separated by tabs, bars or commas. */
import { LoadError } from './row.ts'

/** The lines of a file; opening it again gives them again. */
export type Lines = () => AsyncIterable<string>

/** A row by the names of its columns; a column that is not there is undefined. */
export type Columns = { readonly columns: readonly string[]; get(column: string): string | undefined }

const byName = (columns: ReadonlyMap<string, number>, values: readonly string[]): Columns => ({
  columns: [...columns.keys()],
  get: (column) => {
    const at = columns.get(column)
    return at === undefined ? undefined : values[at]
  },
})

const headed = (
  file: string,
  header: readonly string[],
  needed: readonly string[],
): ReadonlyMap<string, number> => {
  const columns = new Map(header.map((name, at) => [name.replace(/^\uFEFF/, '').trim(), at]))
  const missing = needed.filter((name) => !columns.has(name))
  if (missing.length > 0) throw new LoadError(`${file} has no column ${missing.join(', ')}.`)
  return columns
}

/** Tabs without quotes, the first line names the columns: RF2. */
export async function* tabbed(
  file: string,
  lines: Lines,
  needed: readonly string[],
): AsyncGenerator<Columns> {
  let columns: ReadonlyMap<string, number> | undefined
  for await (const line of lines()) {
    const values = line.split('\t')
    if (columns) {
      if (line !== '') yield byName(columns, values)
    } else columns = headed(file, values, needed)
  }
  if (!columns) throw new LoadError(`${file} is empty.`)
}

/** Bars at the end of every value, columns by their order: RRF. */
export async function* barred(lines: Lines): AsyncGenerator<readonly string[]> {
  for await (const line of lines()) if (line !== '') yield line.split('|')
}

/** Commas, quotes where needed, which may hold line ends: https://www.rfc-editor.org/rfc/rfc4180 */
export async function* commaed(
  file: string,
  lines: Lines,
  needed: readonly string[],
): AsyncGenerator<Columns> {
  let columns: ReadonlyMap<string, number> | undefined
  let open = ''
  for await (const line of lines()) {
    open = open === '' ? line : `${open}\n${line}`
    if ((open.match(/"/g)?.length ?? 0) % 2 === 1) {
      if (open.length > 1_000_000) throw new LoadError(`${file} has a quote that is not closed.`)
      continue
    }
    const values = split(open)
    const isEmpty = open.trim() === ''
    open = ''
    if (isEmpty) continue
    if (columns) yield byName(columns, values)
    else columns = headed(file, values, needed)
  }
  if (open !== '') throw new LoadError(`${file} has a quote that is not closed.`)
  if (!columns) throw new LoadError(`${file} is empty.`)
}

const split = (line: string): string[] => {
  if (!line.includes('"')) return line.split(',')
  const values: string[] = []
  const form = /("(?:[^"]|"")*"|[^,]*)(?:,|$)/gy
  while (form.lastIndex < line.length || values.length === 0) {
    const found = form.exec(line)
    if (!found) break
    const [whole, value = ''] = found
    values.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value)
    if (!whole.endsWith(',')) return values
  }
  values.push('')
  return values
}
