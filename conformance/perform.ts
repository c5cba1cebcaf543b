/** Runs one case: creates what is given, sends the steps one after the other, and says everything that was not as expected. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case, Expectation, Step } from './case.ts'
import type { Client, Exchange, Received, Sent } from './client.ts'
import { at, isMap, type Json, type JsonMap } from './json.ts'
import { captured, faultsOf, joined, togetherFaults } from './judge.ts'
import type { LoadedCase } from './load-cases.ts'
import { fill, type Variables } from './template.ts'

export type CaseResult = {
  readonly suite: string
  readonly id: string
  readonly passed: boolean
  /** One sentence each, with the step it is about. */
  readonly faults: readonly string[]
  /** What went over the wire in the step that failed last. */
  readonly exchange?: Exchange
  readonly milliseconds: number
  readonly case?: Case
}

type Server = { readonly client: Client; readonly base: string }

const mostPages = 100
const fhirJson = 'application/fhir+json'

const urlOf = (base: string, path: string, query: JsonMap): string => {
  const url = /^https?:/.test(path) ? path : path === '' ? base : `${base}/${path}`
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name}=${encodeURIComponent(String(one))}`),
  )
  return pairs.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`
}

const bytesOf = ({ body, text, base64 }: Step): Buffer | undefined => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64')
  if (text !== undefined) return Buffer.from(text)
  return body === undefined ? undefined : Buffer.from(JSON.stringify(body))
}

const headersOf = (given: JsonMap, hasBody: boolean): Record<string, string> => {
  const named = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
  const standard = hasBody ? { 'content-type': fhirJson } : {}
  const all = Object.entries<Json>({ accept: fhirJson, ...standard, ...Object.fromEntries(named) })
  return Object.fromEntries(
    all.filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)]),
  )
}

const requestOf = (base: string, step: Step): Sent => {
  const [method = '', path = ''] = step.when.split(' ')
  const bytes = bytesOf(step)
  const headers = headersOf(step.headers ?? {}, bytes !== undefined)
  return { method, url: urlOf(base, path, step.query ?? {}), headers, ...(bytes ? { bytes } : {}) }
}

/** Follows the links of a relation from the first answer to the last page. */
const allPages = async (client: Client, first: Exchange, relation: string): Promise<Received> => {
  const pages = [first.received]
  for (;;) {
    const next = at(pages.at(-1)!.json, `link[relation=${relation}].url`)
    if (typeof next !== 'string') return joined(pages)
    if (pages.length >= mostPages) throw new Error(`there are more than ${mostPages} pages`)
    pages.push((await client.send({ ...first.sent, url: next })).received)
  }
}

type StepResult = {
  readonly faults: readonly string[]
  readonly exchange?: Exchange
  readonly variables: Variables
}

const capture = (step: Step, received: Received, variables: Variables) => {
  const more = new Map(variables)
  const faults: string[] = []
  for (const [name, source] of Object.entries(step.capture ?? {})) {
    const value = captured(source, received)
    if (value === undefined) faults.push(`the answer has nothing to capture as ${name}`)
    else more.set(name, value)
  }
  return { faults, variables: more }
}

const runTogether = async (
  { client, base }: Server,
  step: Step,
  variables: Variables,
): Promise<StepResult> => {
  const steps = Array.from({ length: step.together! }, (_, n) =>
    fill(step as unknown as Json, new Map([...variables, ['n', String(n)]])),
  ) as unknown as Step[]
  const exchanges = await Promise.all(steps.map((one) => client.send(requestOf(base, one))))
  const all = exchanges.map(({ received }) => received)
  const expected = steps[0]!.expect
  const single = all.flatMap((received, n) =>
    faultsOf(received, expected).map((fault) => `answer ${n}: ${fault}`),
  )
  const found = capture(step, all[0]!, variables)
  const faults = [...togetherFaults(all, expected), ...single, ...found.faults]
  return { faults, exchange: exchanges[0]!, variables: found.variables }
}

const runStep = async (server: Server, step: Step, variables: Variables): Promise<StepResult> => {
  if (step.wait !== undefined) await sleep(step.wait)
  if (step.together !== undefined) return runTogether(server, step, variables)
  const { expect, ...rest } = step
  const request = requestOf(server.base, fill(rest as unknown as Json, variables) as unknown as Step)
  const exchange = await server.client.send(request)
  const received =
    step.follow === undefined ? exchange.received : await allPages(server.client, exchange, step.follow)
  const found = capture(step, received, variables)
  const expected = fill(expect as unknown as Json, found.variables) as unknown as Expectation
  return { faults: [...faultsOf(received, expected), ...found.faults], exchange, variables: found.variables }
}

/** A step that creates a given resource and remembers what the server says of it. */
const giving = (name: string, resource: JsonMap): Step => ({
  when: `POST ${String(resource.resourceType)}`,
  headers: { prefer: 'return=representation' },
  body: resource,
  expect: { status: 201 },
  capture: {
    [`${name}.id`]: 'id',
    [`${name}.version`]: 'meta.versionId',
    [`${name}.updated`]: 'meta.lastUpdated',
    [`${name}.etag`]: { header: 'etag' },
    [`${name}.modified`]: { header: 'last-modified' },
    [`${name}.location`]: { header: 'location' },
  },
})

type Named = { readonly name: string; readonly step: Step }

const stepsOf = (known: Case): Named[] => [
  ...Object.entries(known.given ?? {}).map(([name, value]) => ({
    name: `given ${name}`,
    step: giving(name, value),
  })),
  ...known.steps.map((step, n) => ({ name: `step ${n + 1}, ${step.when}`, step })),
]

const isResource = (value: JsonMap): boolean => typeof value.resourceType === 'string'

let made = 0

const runSteps = async (
  server: Server,
  known: Case,
  more: Variables,
): Promise<Pick<CaseResult, 'faults' | 'exchange'>> => {
  const strange = Object.entries(known.given ?? {}).filter(([, value]) => !isMap(value) || !isResource(value))
  if (strange.length > 0) return { faults: [`given ${strange[0]![0]} is not a resource`] }
  const unique = `${Date.now().toString(36)}-${(made++).toString(36)}`
  let variables: Variables = new Map<string, Json>([...more, ['base', server.base], ['unique', unique]])
  for (const { name, step } of stepsOf(known)) {
    try {
      const result = await runStep(server, step, variables)
      const faults = result.faults.map((fault) => `${name}: ${fault}`)
      if (faults.length > 0) return { faults, ...(result.exchange ? { exchange: result.exchange } : {}) }
      variables = result.variables
    } catch (error) {
      return { faults: [`${name}: ${(error as Error).message}`] }
    }
  }
  return { faults: [] }
}

/** Never throws: what goes wrong is a fault of the case. `more` is what the case may fill in beside `{{base}}` and `{{unique}}`. */
export const performCase = async (
  server: Server,
  loaded: LoadedCase,
  more: Variables = new Map(),
): Promise<CaseResult> => {
  const { suite, id } = loaded
  if (!loaded.case) return { suite, id, passed: false, faults: loaded.faults, milliseconds: 0 }
  const begun = performance.now()
  const { faults, exchange } = await runSteps(server, loaded.case, more)
  const milliseconds = Math.round(performance.now() - begun)
  const passed = faults.length === 0
  return { suite, id, passed, faults, milliseconds, case: loaded.case, ...(exchange ? { exchange } : {}) }
}
