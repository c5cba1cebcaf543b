/** What a search for AuditEvents asks: http://hl7.org/fhir/R4/auditevent.html#search */
import { issue } from '../base/issue.ts'
import { invalid, Problem } from '../base/problem.ts'
import { dateInterval } from '../fhir/date-time.ts'
import type { AuditPage, AuditQuery } from '../store/index.ts'
import { agentKey, entityKeys, patientKey } from './row.ts'

type Mutable<T> = { -readonly [member in keyof T]: T[member] }
type Draft = Mutable<AuditQuery> & { keys: (readonly string[])[] }
type Pair = readonly [name: string, value: string]

/** Comma-separated alternatives; `\,` is a comma of the value. */
const alternatives = (value: string): string[] =>
  value.split(/(?<!\\),/).map((part) => part.replace(/\\([,|$\\])/g, '$1'))

/** Of `system|code` the code: here a code says enough, as each stands in one system only. */
const codeOf = (token: string): string => token.slice(token.lastIndexOf('|') + 1)

const both = (given: readonly string[] | undefined, more: readonly string[]): readonly string[] =>
  given ? given.filter((one) => more.includes(one)) : more

const relative = (value: string, base: string): string =>
  value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value

const prefixed = /^(eq|ge|gt|le|lt|sa|eb)?(\d.*)$/

const narrowDate = (draft: Draft, name: string, value: string): void => {
  const [, prefix = 'eq', text = ''] = prefixed.exec(value) ?? []
  const interval = dateInterval(text)
  if (!interval)
    throw invalid(
      `${name}=${value} cannot be understood; give a date such as ge2026-01-31, with eq, ge, gt, le, lt, sa or eb before it.`,
    )
  const { from, to } = interval
  const after = { eq: from, ge: from, gt: to, sa: to }[prefix as 'eq']
  const before = { eq: to, le: to, lt: from, eb: from }[prefix as 'eq']
  if (after !== undefined) draft.from = Math.max(draft.from ?? after, after)
  if (before !== undefined) draft.to = Math.min(draft.to ?? before, before)
}

const outcomes = ['0', '4', '8', '12']

type Reader = (draft: Draft, values: readonly string[], base: string) => void

const readers: Readonly<Record<string, Reader>> = {
  _id: (draft, values) => {
    if (values.length !== 1 || draft.id !== undefined) throw invalid('_id takes one id here.')
    draft.id = values[0]!
  },
  action: (draft, values) => {
    draft.actions = both(draft.actions, values.map(codeOf))
  },
  address: (draft, values) => {
    if (draft.addresses) throw invalid('address can be given once; separate alternatives by commas.')
    draft.addresses = values
  },
  agent: (draft, values, base) => {
    draft.keys.push(values.map((value) => agentKey(relative(value, base))))
  },
  entity: (draft, values, base) => {
    draft.keys.push(values.flatMap((value) => entityKeys(relative(value, base))))
  },
  patient: (draft, values, base) => {
    const references = values.map((value) => relative(value, base))
    draft.keys.push(references.map((r) => patientKey(r.includes('/') ? r : `Patient/${r}`)))
  },
  outcome: (draft, values) => {
    const codes = values.map(codeOf)
    const unknown = codes.find((code) => !outcomes.includes(code))
    if (unknown !== undefined) throw invalid(`outcome=${unknown} is none of ${outcomes.join(', ')}.`)
    draft.outcomes = both(draft.outcomes?.map(String), codes).map(Number)
  },
  subtype: (draft, values) => {
    draft.subtypes = both(draft.subtypes, values.map(codeOf))
  },
  type: (draft, values) => {
    draft.types = both(draft.types, values.map(codeOf))
  },
}

/** Names that may be given for what is searched; the last two are dates. */
export const auditParameters = [...Object.keys(readers), 'date', '_lastUpdated']

/** How the answer is shaped. `count` 0 asks for the number only. */
export type Asked = {
  readonly query: AuditQuery
  readonly page: AuditPage
  readonly total: boolean
  /** The pairs without `_cursor`, for the links. */
  readonly used: readonly Pair[]
}

export type Limits = { readonly defaultCount: number; readonly maxCount: number }

const cursorForm = /^(\d{1,15})-(\d{1,18})$/

const unknown = (name: string): Problem =>
  new Problem(400, [
    issue(
      'not-supported',
      `AuditEvents cannot be searched by ${name}. Use ${auditParameters.join(', ')}, _count, _sort=date or -date, _summary=count, _total.`,
    ),
  ])

const readCount = (value: string, { maxCount }: Limits): number => {
  if (!/^\d{1,9}$/.test(value)) throw invalid(`_count=${value} is not a whole number.`)
  return Math.min(Number(value), maxCount)
}

const readSort = (value: string): boolean => {
  const names = ['date', '_lastUpdated']
  if (!names.includes(value.replace(/^-/, ''))) throw invalid('AuditEvents are sorted by date or -date.')
  return !value.startsWith('-')
}

/** Throws 400 for what is not understood. `base` makes absolute references to this server relative. */
export const readAsked = (pairs: readonly Pair[], base: string, limits: Limits): Asked => {
  const draft: Draft = { keys: [] }
  let page: Mutable<AuditPage> = { ascending: false, limit: limits.defaultCount }
  let total = false
  for (const [name, value] of pairs) {
    const read = readers[name]
    if (value === '') throw invalid(`${name} has no value.`)
    if (read) read(draft, alternatives(value), base)
    else if (name === 'date' || name === '_lastUpdated') narrowDate(draft, name, value)
    else if (name === '_count') page.limit = readCount(value, limits)
    else if (name === '_sort') page.ascending = readSort(value)
    else if (name === '_summary' && value === 'count') page.limit = 0
    else if (name === '_summary' && value === 'false') continue
    else if (name === '_total' && ['none', 'estimate', 'accurate'].includes(value)) total = value !== 'none'
    else if (name === '_cursor') page = { ...page, after: readCursor(value) }
    else throw unknown(`${name}=${value}`)
  }
  return { query: draft, page, total, used: pairs.filter(([name]) => name !== '_cursor') }
}

const readCursor = (value: string): { readonly at: number; readonly sequence: string } => {
  const [, at, sequence] = cursorForm.exec(value) ?? []
  if (at === undefined || sequence === undefined)
    throw invalid('_cursor is not one that this server made; follow the links of a page.')
  return { at: Number(at), sequence }
}
