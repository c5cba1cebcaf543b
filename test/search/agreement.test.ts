/** For any resources and any query, Postgres and memory agree; pages put together are the whole, in order. */
import fc from 'fast-check'
import t from 'tap'
import { idKey, newId } from '../../src/base/id.ts'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import {
  createSearch,
  hashTokens,
  type Parameter,
  type Plan,
  type Row,
  type Statement,
  storedRows,
} from '../../src/search/index.ts'
import { scoreOf } from '../../src/search/score.ts'
import type { SortKey } from '../../src/search/sort-key.ts'
import type { VersionWrite } from '../../src/store/index.ts'
import { openStore } from '../support/store.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const tenant = 1
const start = Date.parse('2024-01-01T00:00:00Z')
const options = { tenant, base, at: start, lenient: false, defaultCount: 10, maxCount: 50 }

type Stored = { readonly id: string; readonly lastUpdated: number; readonly resource: JsonObject }

const systems = fc.constantFrom('http://a', 'http://b|c', '')
const codes = fc.constantFrom('x', 'y', 'Z', 'p|q', 'back\\slash', 'com,ma', '')
const token = fc.record({ system: systems, code: codes }).map(({ system, code }) => ({
  ...(system === '' ? {} : { system }),
  ...(code === '' ? {} : { code }),
}))
const links = fc.constantFrom(
  'Patient/1',
  'Group/1',
  'Patient/2/_history/3',
  `${base}/Patient/2`,
  'http://other/Patient/1',
)

const dates = fc.constantFrom('2024', '2024-01', '2024-01-02', '2024-01-02T05:00:00Z', '2023-12-31', '2019')
const ucum = 'http://unitsofmeasure.org'
const amounts = fc.constantFrom(0, 1, 5, 5.4, 5400, 0.0054, 5.44, 5.45, 5.35, -3, 99.5, 100, 100.5)
const units = fc.constantFrom(
  { unit: 'mg', system: ucum, code: 'mg' },
  { unit: 'g', system: ucum, code: 'g' },
  { unit: 'gram', system: ucum, code: 'g' },
  { unit: 'mg' },
  { system: 'http://x', code: 'g' },
  {},
)
const quantity = fc
  .record({
    value: amounts,
    unit: units,
    comparator: fc.constantFrom(undefined, undefined, '<', '<=', '>', '>='),
  })
  .map(({ value, unit, comparator }) => ({ value, ...unit, ...(comparator ? { comparator } : {}) }))
const words = fc.constantFrom(
  'Süß',
  'suss',
  'Van  der Berg',
  'berg',
  'van',
  'x'.repeat(250),
  `${'X'.repeat(250)}y`,
  '山田',
)
const value = fc.oneof(
  fc.record({ valueQuantity: quantity }),
  fc.record({ valueString: words }),
  fc.record({ valueDateTime: dates }),
  fc.record({ valueCodeableConcept: token.map((one) => ({ coding: [one] })) }),
)

const profiles = fc.constantFrom(
  'http://p/a/b',
  'http://p/a/b|1.2.3',
  'http://p/a|1.0',
  'http://p/a/',
  "http://p/o'b, c",
  'urn:x:y',
)

const observation = fc
  .record({
    resourceType: fc.constant('Observation'),
    meta: fc.record(
      { profile: fc.array(profiles, { minLength: 1, maxLength: 2 }), source: profiles },
      { requiredKeys: [] },
    ),
    status: fc.constantFrom('final', 'amended', 'final'),
    code: fc
      .tuple(fc.array(token, { maxLength: 2 }), fc.option(words))
      .map(([coding, text]) => ({ coding, ...(text === null ? {} : { text }) })),
    identifier: fc
      .array(token, { maxLength: 2 })
      .map((all) => all.map(({ code, ...rest }) => (code === undefined ? rest : { ...rest, value: code }))),
    subject: links.map((reference) => ({ reference })),
    effective: fc.option(
      fc.oneof(
        fc.record({ effectiveDateTime: dates }),
        fc.record({ effectivePeriod: fc.record({ start: dates, end: dates }, { requiredKeys: [] }) }),
      ),
    ),
    value: fc.option(value),
    component: fc.array(
      fc
        .record({ code: token, value: fc.option(value) })
        .map(({ code, value }) => ({ code: { coding: [code] }, ...value })),
      { maxLength: 3 },
    ),
  })
  .map(({ effective, value, ...rest }) => ({ ...rest, ...effective, ...value }))

const stored = fc.record({
  id: fc.oneof(
    fc.nat(5000).map((n) => newId(start + n)),
    fc.stringMatching(/^[a-fA-F0-9.-]{1,6}$/),
  ),
  lastUpdated: fc.nat(40).map((n) => start + n * 3_600_000 + (n % 3)),
  resource: observation as fc.Arbitrary<JsonObject>,
})

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&')
const form = fc.tuple(systems, codes, fc.boolean()).map(([system, code, bare]) => {
  if (bare && code !== '') return escaped(code)
  return system === '' && code === '' ? 'x' : `${escaped(system)}|${escaped(code)}`
})
const several = (one: fc.Arbitrary<string>) =>
  fc.array(one, { minLength: 1, maxLength: 3 }).map((a) => a.join(','))
const prefix = fc.constantFrom('', 'eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap')
const date = fc.constantFrom(
  '2024',
  '2024-01',
  '2024-01-01',
  '2024-01-02T05:00Z',
  '2024-01-01T03:00:00.001+01:00',
  '9999',
  '0001',
)

const amount = fc
  .tuple(
    prefix,
    fc.constantFrom('5.4', '5', '5400', '100', '1e2', '5.40', '-3', '0'),
    fc.constantFrom('', '', `|${ucum}|g`, `|${ucum}|mg`, '||mg', '||gram', '|http://x|g'),
  )
  .map((parts) => parts.join(''))
const day = fc.tuple(prefix, date).map((parts) => parts.join(''))
const head = fc.constantFrom('x', 'http://a|x', '|x', 'http://b\\|c|y', 'Z', 'p\\|q')
const pair = (tail: fc.Arbitrary<string>) => fc.tuple(head, tail).map((parts) => parts.join('$'))
const text = words.map(escaped)

const valueParameter: fc.Arbitrary<Parameter> = fc.oneof(
  several(day).map((value): Parameter => ['date', value]),
  several(day).map((value): Parameter => ['value-date', value]),
  fc.tuple(
    fc.constantFrom('value-quantity', 'component-value-quantity', 'combo-value-quantity'),
    several(amount),
  ),
  fc.tuple(
    fc.constantFrom('code-value-quantity', 'component-code-value-quantity', 'combo-code-value-quantity'),
    several(pair(amount)),
  ),
  fc.tuple(
    fc.constantFrom('value-string', 'value-string:exact', 'value-string:contains', 'value-string:text'),
    several(text),
  ),
  several(pair(text)).map((value): Parameter => ['code-value-string', value]),
  several(pair(day)).map((value): Parameter => ['code-value-date', value]),
  fc.tuple(
    fc.constantFrom('code-value-concept', 'component-code-value-concept', 'combo-code-value-concept'),
    several(pair(head)),
  ),
  fc.tuple(
    fc.constantFrom(
      'date:missing',
      'value-quantity:missing',
      'combo-value-quantity:missing',
      'value-string:missing',
      'component-code-value-quantity:missing',
    ),
    fc.constantFrom('true', 'false'),
  ),
)

const looseWords = fc.constantFrom('süss', 'van berg', 'berg', 'ber', '山田', 'xxx')
const filterTest = fc.constantFrom(
  'status eq final',
  'status ne final',
  'code eq x',
  'code pr false',
  'value-string co "b"',
  'value-string eq "van der berg"',
  'value-string ew berg',
  'date ge 2024',
  'value-quantity gt 5',
  'subject re Patient/1',
)
const filterText = fc
  .array(fc.tuple(filterTest, fc.boolean(), fc.constantFrom('and', 'or')), { minLength: 1, maxLength: 3 })
  .map((tests) =>
    tests
      .map(([one, isNot, link], n) => `${n > 0 ? `${link} ` : ''}${isNot ? `not (${one})` : one}`)
      .join(' '),
  )

/** Modifiers, words and filters. */
const looseParameter: fc.Arbitrary<Parameter> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('_profile', '_profile:below', '_profile:above', '_source:below', '_source:above'),
      fc.constantFrom('http://p/a', 'http://p/a/b|1', 'http://p/a/b|1.2.3', 'http://p/', "http://p/o'b\\, c"),
    )
    .map(([name, value]): Parameter => [name, value]),
  several(form).map((value): Parameter => ['code:not', value]),
  several(looseWords).map((value): Parameter => ['code:text', value]),
  several(looseWords).map((value): Parameter => ['_content', value]),
  filterText.map((value): Parameter => ['_filter', value]),
  fc
    .tuple(
      fc.constantFrom('code', 'subject', 'value-quantity', 'value-string', 'date', 'component-code'),
      fc.boolean(),
    )
    .map(([name, isMissing]): Parameter => [`${name}:missing`, String(isMissing)]),
  fc
    .constantFrom('', '-')
    .map(
      (not): Parameter => [
        not === '' ? 'status:in' : 'status:not-in',
        'http://hl7.org/fhir/ValueSet/observation-status',
      ],
    ),
  fc
    .constantFrom('final', 'amended')
    .map((code): Parameter => ['status', `http://hl7.org/fhir/observation-status|${code}`]),
)

const parameter: fc.Arbitrary<Parameter> = fc.oneof(
  looseParameter,
  looseParameter,
  valueParameter,
  valueParameter,
  several(form).map((value): Parameter => ['code', value]),
  several(form).map((value): Parameter => ['identifier', value]),
  several(fc.constantFrom('final', 'amended', 'registered')).map((value): Parameter => ['status', value]),
  several(
    fc.constantFrom('1', '2', 'Patient/1', 'Patient/2', `${base}/Group/1`, 'http://other/Patient/1'),
  ).map((value): Parameter => ['subject', value]),
  fc.constantFrom('1', 'Patient/2').map((value): Parameter => ['subject:Patient', value]),
  several(fc.tuple(prefix, date).map((parts) => parts.join(''))).map(
    (value): Parameter => ['_lastUpdated', value],
  ),
)

const sort = fc.constantFrom(
  ...[undefined, '_id', '-_id', '_lastUpdated', '-_lastUpdated', 'date', '-date', 'value-string'],
  ...['-value-quantity', 'status,-date', 'combo-value-quantity,-_lastUpdated', '-value-date,status,-_id'],
  ...[
    'code-value-quantity',
    '-component-code-value-quantity',
    'combo-code-value-quantity',
    '-code-value-date',
  ],
  ...['component-code-value-concept,date', '-combo-code-value-concept', 'code-value-string,status'],
)
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

type Element = {
  readonly code?: { readonly coding?: readonly { readonly code?: string }[] }
  readonly valueQuantity?: { readonly value: number; readonly comparator?: string }
  readonly valueCodeableConcept?: Element['code']
}

const codesOf = (concept: Element['code']): readonly string[] =>
  (concept?.coding ?? []).flatMap(({ code }) => code ?? [])

/** The lower end, in base units of UCUM: of equal numbers in different units the least amount counts. */
const amountOf = ({ value, comparator }: Element['valueQuantity'] & object, resource: JsonObject): number => {
  if (comparator?.startsWith('<')) return Number.NEGATIVE_INFINITY
  const isIt = (low: number): boolean =>
    comparator === '>' ? low >= value && low < value + 1e-9 : low === value
  const rows = search.extract('Observation', resource, base).quantities.filter(({ low }) => isIt(low))
  return Math.min(...rows.map(({ low, canonical }) => canonical?.low ?? low))
}

/** Of all pairs of a composite the one that comes first, read from the resource. */
const firstPair = (
  parameter: string,
  descending: boolean,
  resource: JsonObject,
): readonly (string | number)[] | undefined => {
  const { strings, dates } = search.extract('Observation', resource, base)
  const parts = resource.component as readonly Element[]
  const isPart = parameter.includes('component')
  const elements = [
    ...(isPart ? [] : [resource as Element]),
    ...(isPart || parameter.includes('combo') ? parts : []),
  ]
  const tails = (element: Element): readonly (string | number)[] => {
    if (parameter.endsWith('concept')) return codesOf(element.valueCodeableConcept)
    if (parameter.endsWith('quantity'))
      return element.valueQuantity ? [amountOf(element.valueQuantity, resource)] : []
    if (parameter.endsWith('date'))
      return dates.filter((row) => row.parameter === 'Observation.value-date').map(({ low }) => low)
    return strings
      .filter((row) => row.parameter === 'Observation.value-string')
      .map(({ folded }) => [...folded].slice(0, 200).join(''))
  }
  const pairs = elements.flatMap((element) =>
    codesOf(element.code).flatMap((code) => tails(element).map((tail) => [code, tail] as const)),
  )
  const sign = descending ? -1 : 1
  return pairs.toSorted((a, b) => sign * (compare(a[0], b[0]) || compare(a[1], b[1])))[0]
}

/** The value of a key, undefined where there is none. */
const keyValue = (key: SortKey, { id, lastUpdated, resource }: Stored): string | number | undefined => {
  const { date, dates, strings, quantities } = search.extract('Observation', resource, base)
  const best = (found: readonly (string | number)[]): string | number | undefined =>
    found.toSorted((a, b) => (key.descending ? -1 : 1) * compare(a, b))[0]
  if (key.kind === 'id') return id
  if (key.kind === 'updated') return lastUpdated
  if (key.kind === 'date') return date?.low
  if (key.kind === 'json') return String(resource.status)
  if (key.kind === 'score') return scoreOf(key.asks, search.extract('Observation', resource, base).tokens)
  if (key.kind === 'component') return firstPair(key.of.parameter, key.descending, resource)?.[key.part]
  if (key.kind === 'types' || key.kind === 'type' || key.kind === 'distance')
    throw new Error('of other types only')
  const isIt = ({ parameter }: { parameter: string }): boolean => key.parameters.includes(parameter)
  if (key.kind === 'strings')
    return best(strings.filter(isIt).map(({ folded }) => [...folded].slice(0, 200).join('')))
  if (key.kind === 'dates') return best(dates.filter(isIt).map(({ low }) => low))
  return best(quantities.filter(isIt).map(({ low, canonical }) => canonical?.low ?? low))
}

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'string'
    ? Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
    : a < Number(b)
      ? -1
      : a > Number(b)
        ? 1
        : 0

const byKeys = (keys: readonly SortKey[], a: Stored, b: Stored): number => {
  for (const key of keys) {
    const [x, y] = [keyValue(key, a), keyValue(key, b)]
    if (x === undefined && y === undefined) continue
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1
    const order = compare(x, y)
    if (order !== 0) return key.descending ? -order : order
  }
  return 0
}

const inOrder = (plan: Plan, all: readonly Stored[]): readonly Stored[] => {
  const sign = plan.sort.descending ? -1 : 1
  const key = (a: Stored, b: Stored): number => byText(idKey(a.id), idKey(b.id))
  const { sort } = plan
  return all.toSorted((a, b) => {
    if (sort.by === 'values') return byKeys(sort.keys, a, b) || key(a, b)
    if (sort.by === 'date')
      return byKeys([{ kind: 'date', descending: sort.descending }], a, b) || sign * key(a, b)
    if (plan.sort.by === 'id') return sign * byText(a.id, b.id)
    if (plan.sort.by === 'key') return sign * key(a, b)
    return sign * (a.lastUpdated - b.lastUpdated || key(a, b))
  })
}

t.setTimeout(120_000)

t.test('with a database', { timeout: 120_000 }, async (t) => {
  const { store: house, database } = await openStore(t, 'off')

  const store = async (resources: readonly Stored[]): Promise<void> => {
    await database.query({
      name: '',
      text: `with v as (delete from resource_version), s as (delete from search_string), d as (delete from search_date),
        q as (delete from search_quantity) delete from resource`,
      tenant: '*',
      values: [],
    })
    const writes = (version: number, day: number): VersionWrite[] =>
      resources.map(({ id, lastUpdated, resource }) => {
        const rows = search.extract('Observation', resource, base)
        return {
          type: 'Observation',
          id,
          version,
          lastUpdated: lastUpdated - day,
          method: 'PUT',
          content: JSON.stringify(resource),
          tokens: hashTokens(tenant, rows.tokens),
          rows: storedRows(tenant, rows),
        }
      })
    await house.transact((tx) => tx.write(tenant, writes(1, 86_400_000)))
    await house.transact((tx) => tx.write(tenant, writes(2, 0)))
  }

  const run = <R extends object>(statement: Statement): Promise<R[]> =>
    database.query<R>({ ...statement, tenant: '*', values: [...statement.values] })

  const planOf = (query: readonly Parameter[]): Plan => {
    const { plan, issues } = search.plan('Observation', query, options)
    if (hasErrors(issues)) throw new Error(JSON.stringify([query, issues]))
    return plan
  }

  /** Follows `next` from the first page, then `previous` back. */
  const walk = async (query: readonly Parameter[]): Promise<{ forth: string[][]; back: string[][] }> => {
    const [forth, back]: [string[][], string[][]] = [[], []]
    let link: string | undefined
    let previous: string | undefined
    do {
      const plan = planOf(link === undefined ? query : [...new URLSearchParams(link)])
      const page = search.page(plan, await run<Row>(search.statement(plan)))
      forth.push(page.rows.map((row) => row.fhir_id ?? row.id))
      link = page.next
      previous = page.previous
    } while (link !== undefined)
    while (previous !== undefined) {
      const plan = planOf([...new URLSearchParams(previous)])
      const page = search.page(plan, await run<Row>(search.statement(plan)))
      back.unshift(page.rows.map((row) => row.fhir_id ?? row.id))
      previous = page.previous
    }
    return { forth, back }
  }

  await t.test('search, count, paging and conditions agree with memory', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(stored, { selector: ({ id }) => id, maxLength: 25 }),
        fc.array(fc.tuple(fc.array(parameter, { maxLength: 3 }), sort, fc.integer({ min: 1, max: 7 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (resources, queries) => {
          await store(resources)
          for (const [filters, other, count] of queries) {
            const order = count > 3 && filters.some(([name]) => name === '_content') ? '_score' : other
            const results: Parameter[] = [['_count', String(count)]]
            if (order !== undefined) results.push(['_sort', order])
            const query = [...filters, ...results]
            const plan = planOf(query)
            const hits = resources.filter(({ id, lastUpdated, resource }) =>
              search.matches(plan, { id, lastUpdated, rows: search.extract('Observation', resource, base) }),
            )
            const expected = inOrder(plan, hits).map(({ id }) => id)
            const { forth, back } = await walk(query)
            t.same(forth.flat(), expected, JSON.stringify(query))
            t.same(back.flat(), forth.slice(0, -1).flat())
            const [total] = await run<{ count: string }>(search.countStatement(plan))
            t.equal(Number(total?.count), expected.length)
            if (filters.length === 0) continue
            const { condition } = search.condition('Observation', filters, { tenant, base, at: start })
            t.equal((await run(condition.statement)).length, Math.min(2, expected.length))
            if (condition.token === undefined) continue
            const lookup = { tenant, type: 'Observation', token: condition.token }
            const rows = await run<Row & { n: number }>(search.lookupsStatement(tenant, [lookup, lookup]))
            t.equal(rows.filter(({ n }) => n === 1).length, Math.min(2, expected.length))
          }
        },
      ),
      { numRuns: 40 },
    ),
  )

  await t.test('beyond the window the index of tokens is asked', async (t) => {
    const resources = Array.from({ length: 2600 }, (_, n): Stored => {
      const coding = [{ system: 'http://a', code: n % 100 === 99 ? 'rare' : 'often' }]
      return {
        id: newId(start + n),
        lastUpdated: start + n,
        resource: { resourceType: 'Observation', code: { coding } },
      }
    })
    await store(resources)
    await database.query({
      name: '',
      text: `select refresh_statistics(t::regclass) from unnest('{resource,search_string,search_date,search_quantity}'::text[]) t`,
      tenant: '*',
      values: [],
    })
    const query = (code: string, order: string): Parameter[] => [
      ['code', code],
      ['_sort', order],
      ['_count', '23'],
    ]
    for (const order of ['_id', '-_id', '_lastUpdated', '-_lastUpdated']) {
      const { forth, back } = await walk(query('rare', order))
      t.same(
        forth.map((page) => page.length),
        [23, 3],
        order,
      )
      t.same(back.flat(), forth[0])
    }
    const often = await walk([
      ['code', 'often'],
      ['_lastUpdated', 'lt2024-01-01T00:00:02Z'],
      ['_count', '50'],
    ])
    t.equal(often.forth.flat().length, 1980)
  })
})
