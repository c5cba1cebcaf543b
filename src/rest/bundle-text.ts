/** Puts Bundles together from texts, without parsing the resources in them: http://hl7.org/fhir/R4/bundle.html */
import { type Issue, outcomeIssue } from '../base/issue.ts'

/** One entry; `resource` is text. Everything else is turned into JSON here. */
export type EntryText = {
  readonly fullUrl?: string
  readonly resource?: string
  /** `score` from 0 to 1. */
  readonly search?: { readonly mode: 'match' | 'include' | 'outcome'; readonly score?: number }
  readonly request?: { readonly method: string; readonly url: string }
  readonly response?: {
    readonly status: string
    readonly location?: string | undefined
    readonly etag?: string | undefined
    readonly lastModified?: string | undefined
    /** Text of an OperationOutcome. */
    readonly outcome?: string | undefined
  }
}

export type Link = { readonly relation: string; readonly url: string }

type BundleHead = {
  readonly type: 'searchset' | 'history' | 'batch-response' | 'transaction-response'
  readonly id: string
  readonly lastUpdated: string
  readonly total?: number | undefined
  readonly link?: readonly Link[]
}

const responseText = ({ outcome, ...rest }: NonNullable<EntryText['response']>): string => {
  const head = JSON.stringify(rest)
  return outcome === undefined ? head : `${head.slice(0, -1)},"outcome":${outcome}}`
}

const entryText = (entry: EntryText): string => {
  const members: string[] = []
  if (entry.fullUrl !== undefined) members.push(`"fullUrl":${JSON.stringify(entry.fullUrl)}`)
  if (entry.resource !== undefined) members.push(`"resource":${entry.resource}`)
  if (entry.search) members.push(`"search":${JSON.stringify(entry.search)}`)
  if (entry.request) members.push(`"request":${JSON.stringify(entry.request)}`)
  if (entry.response) members.push(`"response":${responseText(entry.response)}`)
  return `{${members.join(',')}}`
}

/** The Bundle's text in pieces. An empty list of entries is left out, as JSON of FHIR has no empty arrays. */
export const bundleText = (head: BundleHead, entries: readonly EntryText[]): string[] => {
  const { type, id, lastUpdated, total, link } = head
  const start = `{"resourceType":"Bundle","id":"${id}","meta":{"lastUpdated":"${lastUpdated}"},"type":"${type}"`
  const totalText = total === undefined ? '' : `,"total":${total}`
  const linkText = link && link.length > 0 ? `,"link":${JSON.stringify(link)}` : ''
  if (entries.length === 0) return [`${start}${totalText}${linkText}}`]
  const pieces = [`${start}${totalText}${linkText},"entry":[`]
  entries.forEach((entry, n) => {
    pieces.push(n === 0 ? entryText(entry) : `,${entryText(entry)}`)
  })
  pieces.push(']}')
  return pieces
}

/** The text of an OperationOutcome: http://hl7.org/fhir/R4/operationoutcome.html */
export const outcomeText = (issues: readonly Issue[]): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: issues.map(outcomeIssue),
  })
