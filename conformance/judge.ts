/** Compares an answer with what a step expects of it. */
import type { Capture, Expectation } from './case.ts'
import type { Received } from './client.ts'
import { at, isMap, type Json, type JsonMap } from './json.ts'
import { differs } from './matcher.ts'

const note = (name: string, fault: string | undefined): string[] =>
  fault === undefined ? [] : [`${name} ${fault}`]

const headerFaults = (headers: JsonMap, received: Received): string[] =>
  Object.entries(headers).flatMap(([name, wanted]) =>
    note(`header ${name}`, differs(received.headers[name.toLowerCase()], wanted)),
  )

const bodyFaults = (body: JsonMap, { json }: Received): string[] =>
  Object.entries(body).flatMap(([path, wanted]) =>
    note(path === '' ? 'the body' : path, differs(at(json, path), wanted)),
  )

const issueFaults = (issue: JsonMap, { json, headers }: Received): string[] => {
  if (at(json, 'resourceType') !== 'OperationOutcome') return ['the body is not an OperationOutcome']
  const faults = note('issue', differs(at(json, 'issue'), { $some: { $like: issue } }))
  const type = headers['content-type'] ?? ''
  return /^application\/fhir\+json/.test(type) ? faults : [...faults, `the OperationOutcome comes as ${type}`]
}

/** What is wrong with one answer, one sentence each. */
export const faultsOf = (received: Received, expected: Expectation): string[] => [
  ...(expected.status === undefined ? [] : note('status', differs(received.status, expected.status))),
  ...headerFaults(expected.headers ?? {}, received),
  ...(expected.issue ? issueFaults(expected.issue, received) : []),
  ...bodyFaults(expected.body ?? {}, received),
  ...(expected.text === undefined ? [] : note('the text', differs(received.text, expected.text))),
]

const count = (statuses: readonly number[]): JsonMap =>
  Object.fromEntries([...new Set(statuses)].map((s) => [s, statuses.filter((other) => other === s).length]))

/** What is wrong with the answers to requests that were sent at once, taken together. */
export const togetherFaults = (all: readonly Received[], expected: Expectation): string[] => {
  const statuses = expected.statuses
    ? note('the statuses', differs(count(all.map(({ status }) => status)), expected.statuses))
    : []
  const distinct = Object.entries(expected.distinct ?? {}).flatMap(([path, wanted]) => {
    const found = new Set(all.map(({ json }) => JSON.stringify(at(json, path))))
    return note(`the number of different values at ${path}`, differs(found.size, wanted))
  })
  return [...statuses, ...distinct]
}

const raw = (source: Capture, { headers, json }: Received): Json | undefined => {
  if (typeof source === 'string') return at(json, source)
  return source.header === undefined ? at(json, source.path ?? '') : headers[source.header.toLowerCase()]
}

/** The value to remember; undefined when the answer does not have it. */
export const captured = (source: Capture, received: Received): Json | undefined => {
  const value = raw(source, received)
  if (typeof source === 'string' || source.pattern === undefined || value === undefined) return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return new RegExp(source.pattern, 'u').exec(text)?.[1]
}

/** All pages as one Bundle: the entries in order, and how many pages there were. */
export const joined = (pages: readonly Received[]): Received => {
  const first = pages[0]!
  const entry = pages.flatMap(({ json }) => (at(json, 'entry[*]') as readonly Json[] | undefined) ?? [])
  const head = isMap(first.json) ? first.json : {}
  const statuses = pages.map(({ status }) => status)
  const json: Json = { ...head, entry, pages: pages.length }
  return { ...first, status: statuses.find((status) => status !== 200) ?? 200, json }
}
