/** The form of a case file. What it does not know is an error: a case that cannot be understood fails, it is never skipped. */
import { isMap, type Json, type JsonMap, parsePath } from './json.ts'
import { unknownTests } from './matcher.ts'

/** How binding the sentence is; `choice` is ours, see CLARIFICATIONS.md. */
export const levels = ['SHALL', 'SHOULD', 'MAY', 'choice'] as const

/** Where a value for a variable comes from; a text is a path into the body. `pattern` takes its first group. */
export type Capture = string | { readonly header?: string; readonly path?: string; readonly pattern?: string }

export type Expectation = {
  readonly status?: number | JsonMap
  readonly headers?: JsonMap
  /** Paths and what is expected there. */
  readonly body?: JsonMap
  /** The body as text, decoded from its content coding. */
  readonly text?: Json
  /** An OperationOutcome with an issue that has these members. */
  readonly issue?: JsonMap
  /** With `together`: how many answers have which status. */
  readonly statuses?: JsonMap
  /** With `together`: how many different values are at a path of the bodies of all answers. */
  readonly distinct?: JsonMap
}

export type Step = {
  /** `GET Patient/1`: method and path below the base, or a whole URL. */
  readonly when: string
  /** Appended to the path, encoded. */
  readonly query?: JsonMap
  /** Null leaves a header out that would be sent otherwise. */
  readonly headers?: JsonMap
  /** Sent as JSON; `text` as it is, `base64` as bytes. */
  readonly body?: Json
  readonly text?: string
  readonly base64?: string
  /** Sends the same request so many times at once; `{{n}}` counts them from 0. */
  readonly together?: number
  /** Follows the links of this relation to the end and looks at all entries as one Bundle with `pages`. */
  readonly follow?: string
  /** Milliseconds to wait before. */
  readonly wait?: number
  readonly expect: Expectation
  readonly capture?: Readonly<Record<string, Capture>>
}

export type Case = {
  readonly id: string
  /** What the specification demands, in its words or shorter. */
  readonly sentence: string
  /** The paragraph that demands it. */
  readonly link: string
  readonly level: (typeof levels)[number]
  /** Claims of the CapabilityStatement that this case is a proof of, as named in matrix.ts. */
  readonly proves?: readonly string[]
  /** Resources to create before, by name: gives `{{name.id}}`, `.version`, `.etag`, `.updated`, `.modified`. */
  readonly given?: Readonly<Record<string, JsonMap>>
  readonly steps: readonly Step[]
}

/** `text` is any string; `map` an object; a list of names one of them. */
type Form = 'text' | 'map' | 'list' | 'number' | 'any' | readonly string[]
type Shape = Readonly<Record<string, { readonly form: Form; readonly needed?: true }>>

const caseShape: Shape = {
  id: { form: 'text', needed: true },
  sentence: { form: 'text', needed: true },
  link: { form: 'text', needed: true },
  level: { form: levels, needed: true },
  proves: { form: 'list' },
  given: { form: 'map' },
  steps: { form: 'list', needed: true },
}
const stepShape: Shape = {
  when: { form: 'text', needed: true },
  query: { form: 'map' },
  headers: { form: 'map' },
  body: { form: 'any' },
  text: { form: 'text' },
  base64: { form: 'text' },
  together: { form: 'number' },
  follow: { form: 'text' },
  wait: { form: 'number' },
  expect: { form: 'map', needed: true },
  capture: { form: 'map' },
}
const expectationShape: Shape = {
  status: { form: 'any' },
  headers: { form: 'map' },
  body: { form: 'map' },
  text: { form: 'any' },
  issue: { form: 'map' },
  statuses: { form: 'map' },
  distinct: { form: 'map' },
}
const captureShape: Shape = { header: { form: 'text' }, path: { form: 'text' }, pattern: { form: 'text' } }

const fits = (value: Json, form: Form): boolean => {
  if (form === 'any') return true
  if (form === 'text') return typeof value === 'string'
  if (form === 'number') return typeof value === 'number'
  if (form === 'list') return Array.isArray(value)
  if (form === 'map') return isMap(value)
  return typeof value === 'string' && form.includes(value)
}

const shapeFaults = (value: Json | undefined, shape: Shape, where: string): string[] => {
  if (!isMap(value)) return [`${where} is not an object`]
  const unknown = Object.keys(value).filter((name) => !(name in shape))
  const missing = Object.keys(shape).filter((name) => shape[name]!.needed && value[name] === undefined)
  const wrong = Object.entries(value).filter(([name, v]) => shape[name] && !fits(v, shape[name].form))
  return [
    ...unknown.map((name) => `${where} has ${JSON.stringify(name)}, which means nothing`),
    ...missing.map((name) => `${where} has no ${JSON.stringify(name)}`),
    ...wrong.map(([name]) => `${where}.${name} has the wrong form`),
  ]
}

const pathFaults = (paths: readonly string[], where: string): string[] =>
  paths.flatMap((path) => {
    try {
      parsePath(path)
      return []
    } catch (error) {
      return [`${where}: ${(error as Error).message}`]
    }
  })

const captureFaults = (capture: JsonMap, where: string): string[] =>
  Object.entries(capture).flatMap(([name, source]) =>
    typeof source === 'string'
      ? pathFaults([source], `${where}.${name}`)
      : shapeFaults(source, captureShape, `${where}.${name}`),
  )

const methods = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE)(?: \S+)?$/

const expectationFaults = (expected: Json | undefined, where: string): string[] => {
  const faults = shapeFaults(expected, expectationShape, where)
  if (!isMap(expected)) return faults
  if (Object.keys(expected).length === 0) faults.push(`${where} expects nothing`)
  for (const name of unknownTests(expected)) faults.push(`${where}: there is no test ${name}`)
  if (isMap(expected.body)) faults.push(...pathFaults(Object.keys(expected.body), where))
  return faults
}

const stepFaults = (step: Json, n: number): string[] => {
  const where = `steps[${n}]`
  const faults = [...shapeFaults(step, stepShape, where)]
  if (!isMap(step)) return faults
  faults.push(...expectationFaults(step.expect, `${where}.expect`))
  if (typeof step.when === 'string' && !methods.test(step.when))
    faults.push(`${where}.when is not a method and a path without spaces`)
  if (isMap(step.capture)) faults.push(...captureFaults(step.capture, `${where}.capture`))
  return faults
}

/** Everything about a case that is not understood, one sentence each. */
export const caseFaults = (value: Json): string[] => {
  const faults = shapeFaults(value, caseShape, 'the case')
  if (!isMap(value) || !Array.isArray(value.steps)) return faults
  if (value.steps.length === 0) faults.push('the case has no steps')
  return [...faults, ...value.steps.flatMap((step: Json, n) => stepFaults(step, n))]
}
