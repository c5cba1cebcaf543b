/** The compiled constraints of R4 against the engine, on the official examples. */
import { createRequire } from 'node:module'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createFhirpath } from '../../../src/fhir/fhirpath-compile/compile.ts'
import type { Item } from '../../../src/fhir/fhirpath-compile/item.ts'
import { type Constraint, eachElement, exampleLines, publishedConstraints } from './published.ts'

const load = createRequire(import.meta.url)
const engine = load('fhirpath')
const model = load('fhirpath/fhir-context/r4')

const fhirpath = createFhirpath(await loadDefinitions(undefined))
const constraints = publishedConstraints()

/** Every so many of the examples; a run over all of them takes minutes, nearly all in the engine. */
const every = 45

/** The engine refuses needless escapes in regular expressions, and `as` after several items. */
const beyondEngine = /Invalid regular expression|Expected singleton on left side of 'as'/

type Resources = { readonly resource: unknown; readonly rootResource: unknown }
const memory = new Map<string, (value: unknown, variables: object) => unknown[]>()

const byEngine = (expression: string, item: Item, resources: Resources): unknown => {
  const key = `${item.type.name}|${expression}`
  const options = { async: false, traceFn: () => {} }
  const run = memory.get(key) ?? engine.compile({ base: item.type.name, expression }, model, options)
  memory.set(key, run)
  try {
    const found = run(structuredClone(item.value), { ...resources, context: item.value })
    return found.length > 1 ? 'an error' : found[0]
  } catch (cause) {
    return beyondEngine.test((cause as Error).message) ? 'unknown' : 'an error'
  }
}

const compiled = new Map<string, ReturnType<typeof fhirpath.compile>>()

const byCompiler = (expression: string, item: Item, resources: Resources): unknown => {
  const code = compiled.get(expression) ?? fhirpath.compile(expression, true)
  compiled.set(expression, code)
  const env = fhirpath.env({ ...resources, now: '2026-01-01T00:00:00Z', hooks: {}, steps: 10_000_000 })
  try {
    return code.test(item, env)
  } catch {
    return 'an error'
  }
}

/** Asked of every element (its own test is in invariants), or of what the engine is not given here. */
const left = new Set(['ele-1', 'txt-1', 'txt-2'])

const lines = exampleLines() ?? []
const skip = lines.length > 0 ? false : 'the shared data are absent'

t.test('compiled constraints agree with the engine', { skip }, async (t) => {
  let asked = 0
  const compare = ({ key, expression }: Constraint, item: Item, resources: Resources): void => {
    if (left.has(key) || item.type.isPrimitive) return
    const expected = byEngine(expression, item, resources)
    if (expected === 'unknown') return
    asked++
    const found = byCompiler(expression, item, resources)
    if (found !== expected) t.equal(found, expected, `${key} on ${item.type.name}: ${expression}`)
  }
  for (const line of lines.filter((text, i) => i % every === 0 && text.length < 100_000)) {
    const rootResource = JSON.parse(line)
    eachElement(fhirpath.types, rootResource, (item, paths, { resource }) => {
      for (const constraint of paths.flatMap((path) => constraints.get(path) ?? []))
        compare(constraint, item, { resource, rootResource })
    })
  }
  t.ok(asked > 1_000, `${asked} were compared`)
})
