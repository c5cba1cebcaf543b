/** What is asked of the rows of the audit log, as SQL. */
import { auditKey } from './audit-keys.ts'
import { arrayOf } from './key.ts'

/** One condition on an event; of alternatives one must be met. Times in milliseconds since 1970, `from <= t < to`. */
export type AuditTest =
  | { readonly kind: 'ids'; readonly any: readonly string[] }
  /** By number in the tenant's chain. */
  | { readonly kind: 'places'; readonly any: readonly string[] }
  /** It has one of the keys of `AuditRow`. */
  | { readonly kind: 'keys'; readonly any: readonly string[] }
  /** When it was recorded. */
  | { readonly kind: 'at'; readonly from?: number; readonly to?: number }
  /** When it came to this server: its id tells. */
  | { readonly kind: 'came'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'is'; readonly column: 'type' | 'subtype' | 'action'; readonly any: readonly string[] }
  | { readonly kind: 'outcome'; readonly any: readonly number[] }
  /** Its content has the text, of `a-z 0-9 . : _ -`, in whatever case, or letters that may stand for it. */
  | { readonly kind: 'says'; readonly text: string }
  /** Another system sent it. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'every' | 'some'; readonly of: readonly AuditTest[] }
  | { readonly kind: 'not'; readonly of: AuditTest }

/** Adds a value to those of a statement and gives its place. */
export type AddValue = (value: unknown) => string

/** The years 1 to 9999, which PostgreSQL reads as they are written here. */
const iso = (ms: number): string =>
  new Date(Math.min(Math.max(ms, -62_135_596_800_000), 253_402_300_799_999)).toISOString()

/** The least id that is made at a time or after it: see `base/id.ts`. */
const idAt = (ms: number): string => {
  const time = Math.min(Math.max(Math.trunc(ms), 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

const range = (
  { from, to }: { readonly from?: number; readonly to?: number },
  write: (ms: number, comparison: '>=' | '<') => string,
): string => {
  const parts = [
    ...(from === undefined ? [] : [write(from, '>=')]),
    ...(to === undefined ? [] : [write(to, '<')]),
  ]
  return parts.length === 0 ? 'true' : parts.join(' and ')
}

const joined = (parts: readonly string[], word: 'and' | 'or'): string =>
  parts.length === 0 ? String(word === 'and') : `(${parts.join(` ${word} `)})`

/** A sent event's content begins with its stamp: id, tenant and times; here a seen one has its kind. */
const isSent = `substr(content, 44, 70) like '%,"received":%'`

/** Holds or does not, and is never unknown. */
export const testSql = (tenant: number, test: AuditTest, add: AddValue): string => {
  switch (test.kind) {
    case 'ids':
      return `id = any(${add(test.any)}::uuid[])`
    case 'places':
      return `sequence = any(${add(test.any)}::bigint[])`
    case 'keys':
      return `keys && ${add(arrayOf(test.any.map((key) => auditKey(tenant, key))))}::bigint[]`
    case 'at':
      return range(test, (ms, comparison) => `at ${comparison} ${add(iso(ms))}::timestamptz`)
    case 'came':
      return range(test, (ms, comparison) => `id ${comparison} ${add(idAt(ms))}::uuid`)
    case 'is':
      return `${test.column}::text = any(${add(test.any)}::text[])`
    case 'outcome':
      return `${test.any.includes(0) ? '' : 'outcome <> 0 and '}outcome = any(${add(test.any)}::smallint[])`
    case 'says':
      return `(content ilike ${add(`%${test.text.replace(/_/g, '\\_')}%`)}::text or octet_length(content) <> length(content))`
    case 'sent':
      return isSent
    case 'not':
      return `not (${testSql(tenant, test.of, add)})`
    default:
      return joined(
        test.of.map((one) => testSql(tenant, one, add)),
        test.kind === 'every' ? 'and' : 'or',
      )
  }
}

const led: ReadonlySet<AuditTest['kind']> = new Set(['ids', 'places', 'keys', 'at', 'came'])

/** Whether an index of the log leads to what meets the test. */
export const isLed = (test: AuditTest): boolean => {
  if (test.kind === 'every') return test.of.every(isLed)
  return test.kind === 'outcome' ? !test.any.includes(0) : led.has(test.kind)
}

/** Whether the test may select a few events of all times, which the planner cannot know. */
export const isPointed = ({ kind }: AuditTest): boolean => kind === 'keys' || kind === 'ids'
