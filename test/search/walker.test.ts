/** The compiled walkers agree with the general FHIRPath engine on every published example. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { dateInterval } from '../../src/fhir/date-time.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject, JsonValue } from '../../src/fhir/json/value.ts'
import { evaluateLocated, type Location } from '../../src/fhir/path.ts'
import { createExtractor } from '../../src/search/extract.ts'
import { earliest } from '../../src/search/params/date.ts'
import { compileWalk } from '../../src/search/walker.ts'

const definitions = await loadDefinitions(undefined)
const extractor = createExtractor(definitions)
const base = 'http://example.com/fhir'

const concreteTypes = [...definitions.types.values()]
  .filter((type) => type.kind === 'resource' && !type.abstract)
  .map((type) => type.name)

/** The parts of a union that start at the type; `resolve()` would need a server, so its text decides. */
const narrowed = (expression: string, type: string): string =>
  expression
    .split(' | ')
    .filter((part) => new RegExp(`^\\(?(${type}|Resource|DomainResource)\\.`).test(part))
    .join(' | ')
    .replace(/resolve\(\) is (\w+)/g, "reference.matches('(^|/)$1/[^/]+(/_history/.*)?$$')")

const typeAt = (resource: JsonObject, path: Location): string => {
  let type = String(resource.resourceType)
  for (const part of path)
    if (typeof part === 'string') type = definitions.types.get(type)?.elements.get(part)?.type ?? '?'
  return type
}

const codes = (system: JsonValue | undefined, code: JsonValue | undefined): string[] => [
  ...(system ? [`${system}|`] : []),
  ...(code ? [`${code}`, `${system ?? ''}|${code}`] : []),
]

/** As it is written, and an address in lower case or a number without what stands between its digits. */
const contactForms = (value: string): string[] => {
  if (value.includes('@')) return [value, value.toLowerCase()]
  const isNumber = /^[+\d\s().-]+$/.test(value)
  return isNumber ? [value, value.replace('(0)', '').replace(/[^+\d]/g, '')] : [value]
}

/** What search.html#token and #reference ask for, written down again without regard to speed. */
const expectedOf = (type: string, value: JsonValue): string[] => {
  if (typeof value !== 'object' || value === null) {
    if (type === 'canonical' && String(value).startsWith('#')) return []
    if (type === 'string') return [String(value).toLowerCase()]
    return type === 'canonical' && String(value).includes('|')
      ? [String(value), String(value).split('|')[0] ?? '']
      : [String(value)]
  }
  const object = value as Record<string, JsonValue>
  if (type === 'Coding') return codes(object.system, object.code)
  if (type === 'CodeableConcept')
    return ((object.coding ?? []) as JsonObject[]).flatMap((one) => codes(one.system, one.code))
  if (type === 'Identifier') return codes(object.system, object.value)
  if (type === 'ContactPoint') return object.value ? contactForms(String(object.value)) : []
  if (type === 'Resource') return object.id ? [`${object.resourceType}/${object.id}`] : []
  const reference = String(object.reference ?? '#')
  if (type !== 'Reference' || reference.startsWith('#')) return []
  return reference.includes('/_history/') ? [reference, reference.replace(/\/_history\/.*/, '')] : [reference]
}

const disagreements = (resource: JsonObject): string[] => {
  const type = String(resource.resourceType)
  const { tokens } = extractor.extract(type, resource, base)
  return [...extractor.indexed(type).values()].flatMap(({ definition, prefix }) => {
    if (definition.type !== 'token' && definition.type !== 'reference') return []
    const found = evaluateLocated(resource, narrowed(definition.expression ?? '', type))
    const expected = found.flatMap(({ path, value }) =>
      expectedOf(path ? typeAt(resource, path) : 'boolean', value as JsonValue),
    )
    const wanted = [...new Set(expected)].sort().join('\n')
    const own = tokens.filter((token) => token.startsWith(prefix)).map((token) => token.slice(prefix.length))
    const got = own
      .map((token) => token.replace(/\\([|\\])/g, '$1'))
      .sort()
      .join('\n')
    return wanted === got ? [] : [`${type}/${resource.id} ${definition.code}: ${wanted} ≠ ${got}`]
  })
}

const part = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.flatMap(part) : typeof value === 'string' ? [value] : []

/** What rows of side tables must hold, one text for each value: texts, numbers and beginnings of time. */
const expectedValues = (type: string, value: JsonValue): string[] => {
  const object = value as Record<string, JsonValue>
  if (type === 'HumanName' || type === 'Address')
    return [
      'text',
      'family',
      'given',
      'prefix',
      'suffix',
      'line',
      'city',
      'district',
      'state',
      'postalCode',
      'country',
    ]
      .filter((member) => type === 'Address' || !['line', 'city'].includes(member))
      .flatMap((member) => part(object[member]))
  if (type === 'Period') {
    const start = object.start === undefined ? earliest : dateInterval(String(object.start))?.from
    return object.start === undefined && object.end === undefined ? [] : [String(start)]
  }
  if (type === 'Timing') {
    const events = part(object.event).map((text) => dateInterval(text)?.from ?? 0)
    const bounds = (object.repeat as JsonObject | undefined)?.boundsPeriod
    if (bounds !== undefined) return expectedValues('Period', bounds)
    return events.length > 0 ? [String(Math.min(...events))] : []
  }
  if (['date', 'dateTime', 'instant'].includes(type)) return [String(dateInterval(String(value))?.from)]
  if (type === 'Range') return [String((object.low as JsonObject | undefined)?.value ?? '-Infinity')]
  if (typeof value === 'object' && value !== null)
    return object.value === undefined ? [] : [String(object.value)]
  return [String(value)]
}

/** A choice may be in words where a date is searched. */
const isText = (type: string | undefined): boolean => type === 'string'

const valueTypes = ['string', 'date', 'number', 'quantity', 'uri']

const valueDisagreements = (resource: JsonObject): string[] => {
  const type = String(resource.resourceType)
  const { strings, dates, date, quantities } = extractor.extract(type, resource, base)
  return [...extractor.indexed(type).values()].flatMap(({ definition, parameter }) => {
    const { code } = definition
    // No example has samples, which the engine does not know as a type.
    const expression = (definition.expression ?? '').replace(/ \| \([\w.]+\.ofType\(SampledData\)\)/g, '')
    const isShared = code.startsWith('_') || code === 'phonetic' || code === 'combo-value-quantity'
    if (!valueTypes.includes(definition.type) || isShared || !narrowed(expression, type)) return []
    const expected = evaluateLocated(resource, narrowed(expression, type)).flatMap(({ path, value }) =>
      isText(path && typeAt(resource, path)) && definition.type === 'date'
        ? []
        : expectedValues(path ? typeAt(resource, path) : '?', value as JsonValue),
    )
    const own = <R extends { readonly parameter: string }>(rows: readonly R[]): readonly R[] =>
      rows.filter((row) => row.parameter === parameter)
    const got = [
      ...own(strings).map(({ exact }) => exact),
      ...own(date ? [date, ...dates] : dates).map(({ low }) => String(low)),
      ...own(quantities).map(({ low, high }) =>
        String(Number((Number.isFinite(low) ? low : high).toPrecision(12))),
      ),
    ]
    // A value of `>60` begins right above 60.
    const near = (one: string): string => (definition.type === 'quantity' ? Number(one).toPrecision(12) : one)
    const text = (values: readonly string[]): string => [...new Set(values.map(near))].sort().join('\n')
    return text(expected) === text(got)
      ? []
      : [`${type}/${resource.id} ${code}: ${text(expected)} ≠ ${text(got)}`]
  })
}

const file = fileURLToPath(new URL('../../../shared/data/r4-examples/clinical.ndjson.gz', import.meta.url))

t.test('every parameter is compiled', async (t) => {
  const refused = concreteTypes.flatMap((type) =>
    [...extractor.refused(type)].map(([code, why]) => `${type}.${code}: ${why}`),
  )
  t.same(refused, [])
})

t.test(
  'compiled walkers and FHIRPath agree',
  { skip: existsSync(file) ? false : 'no shared data' },
  async (t) => {
    const lines = gunzipSync(readFileSync(file)).toString().split('\n').filter(Boolean)
    t.ok(lines.length > 100, 'there are examples')
    t.same(
      lines.flatMap((line) => disagreements(JSON.parse(line))),
      [],
    )
  },
)

t.test(
  'values of the examples are those that FHIRPath finds',
  { skip: existsSync(file) ? false : 'no shared data' },
  async (t) => {
    for (const name of [file, file.replace('clinical', 'definitional')]) {
      const lines = gunzipSync(readFileSync(name)).toString().split('\n').filter(Boolean)
      t.same(
        lines.flatMap((line) => valueDisagreements(JSON.parse(line))),
        [],
      )
    }
  },
)

t.test('a walker survives any shape', async (t) => {
  const hostile: JsonObject[] = [
    { resourceType: 'Patient', identifier: 'x', telecom: [null, 1, 'x', []], deceasedBoolean: {} },
    { resourceType: 'Patient', identifier: [{ system: 1, value: {} }, { value: '' }], meta: [] },
    {
      resourceType: 'Patient',
      meta: { tag: [{ coding: 1 }, null] },
      generalPractitioner: [{ reference: 5 }],
    },
  ]
  for (const resource of hostile) t.ok(Array.isArray(extractor.extract('Patient', resource, base).tokens))
})

t.test('what is outside of the subset is refused with a reason', async (t) => {
  const compile = (expression: string) => () =>
    compileWalk(definitions, 'Patient', expression, { root: 'r', base: 'b' }, (item) => item.code)
  t.throws(compile('Patient.name.first()'), { message: /first\(\) is not/ })
  t.throws(compile('Patient.nothing'), { message: /no element nothing/ })
  t.throws(compile('Nothing.name'), { message: /not a resource type/ })
  t.throws(compile("Patient.name.where(given = 'x')"), {
    message: /repeating element Patient.name.given|repeating/,
  })
  t.throws(compile('Patient.name + 1'), { message: /cannot be read/ })
  t.throws(compile('Patient.name.('), { message: /not understood/ })
  t.equal(compile('Observation.code')(), '')
})
