/** String parameters: what is written for a value, and what a query asks of it. http://hl7.org/fhir/R4/search.html#string */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import type { Condition, StringRow, StringTest } from '../algebra.ts'
import { isThere } from '../distinct.ts'
import { clean, fold } from '../fold.ts'
import { soundex } from '../soundex.ts'
import { unescapeValue } from '../values.ts'
import { isBelow } from './uri.ts'

type Members = { readonly [member: string]: JsonValue | undefined }
type Rows = { readonly strings: StringRow[] }

const push = (rows: Rows, parameter: string, text: string): void => {
  const exact = clean(text)
  const folded = fold(exact)
  if (folded === '') return
  if (isThere(rows.strings, (row) => row.parameter === parameter && row.exact === exact)) return
  rows.strings.push({ parameter, folded, exact })
}

/** The row of a string or markdown. */
export const text = (rows: Rows, parameter: string, value: JsonValue | undefined): void => {
  if (typeof value === 'string') push(rows, parameter, value)
}

/** The row of a uri, which is compared as it is. */
export const address = (rows: Rows, parameter: string, value: JsonValue | undefined): void => {
  if (typeof value !== 'string') return
  const exact = clean(value)
  if (exact === '') return
  if (isThere(rows.strings, (row) => row.parameter === parameter && row.exact === exact)) return
  rows.strings.push({ parameter, folded: exact, exact })
}

const parts = (members: readonly string[]) => (rows: Rows, parameter: string, value: Members) => {
  for (const member of members) {
    const part = value[member]
    if (Array.isArray(part)) for (const one of part) text(rows, parameter, one)
    else text(rows, parameter, part)
  }
}

/** A row for each part of a HumanName. */
export const nameParts = parts(['text', 'family', 'given', 'prefix', 'suffix'])

/** A row for each part of an Address. */
export const addressParts = parts(['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'])

/** A row for the sound of each word of a name. */
export const sounds = (rows: Rows, parameter: string, value: JsonValue | undefined): void => {
  const words: StringRow[] = []
  if (typeof value === 'string') text({ strings: words }, parameter, value)
  else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    nameParts({ strings: words }, parameter, value)
  for (const { folded } of words) for (const word of folded.split(' ')) push(rows, parameter, soundex(word))
}

/** Which of the functions above writes the rows of an element of a type. */
export const stringWriters: Readonly<Record<string, string>> = {
  string: 'text',
  markdown: 'text',
  code: 'text',
  HumanName: 'nameParts',
  Address: 'addressParts',
}

const hows: Readonly<Record<string, StringTest['how']>> = {
  exact: 'exact',
  contains: 'contains',
  text: 'words',
}

/** Modifiers of string parameters besides `:missing`. */
export const stringModifiers: readonly string[] = Object.keys(hows)

/** The condition of one string parameter; `values` are the alternatives, still escaped. */
export const restrictString = (
  code: string,
  parameter: string,
  values: readonly string[],
  modifier?: string,
): { readonly condition: Condition } | { readonly issue: Issue } => {
  const how = modifier === undefined ? 'starts' : hows[modifier]
  if (how === undefined)
    return {
      issue: issue(
        'not-supported',
        `"${code}" is a string: use one of :${stringModifiers.join(', :')}, :missing, or no modifier.`,
        `http.${code}`,
      ),
    }
  const any: StringTest[] = []
  for (const raw of values) {
    const wanted = clean(unescapeValue(raw))
    const folded = fold(wanted)
    if (folded === '')
      return { issue: issue('value', `The parameter "${code}" needs a text.`, `http.${code}`) }
    if (isPhonetic(code))
      any.push(...folded.split(' ').map((word): StringTest => ({ how: 'starts', text: soundex(word) })))
    else any.push(how === 'exact' ? { how, text: folded, exact: wanted } : { how, text: folded })
  }
  return { condition: Object.freeze({ kind: 'strings', parameter, any: Object.freeze(any) }) }
}

/** Parameters that find what sounds alike. */
export const isPhonetic = (code: string): boolean => code === 'phonetic'

/** Whether a row passes a test: the same answer as the database's. */
export const passesString = (test: StringTest, row: StringRow): boolean => {
  const { how, text } = test
  if (how === 'exact') return row.exact === test.exact
  if (how === 'below') return isBelow(row.folded, text)
  if (how === 'contains') return row.folded.includes(text)
  if (how === 'equals') return row.folded === text
  if (how === 'ends') return row.folded.endsWith(text)
  if (how === 'words') return text.split(' ').every((word) => ` ${row.folded}`.includes(` ${word}`))
  return row.folded.startsWith(text)
}
