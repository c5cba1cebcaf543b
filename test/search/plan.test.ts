import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { writeCursor } from '../../src/search/cursor.ts'
import { createSearch, type Row, readQueryString } from '../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const options = { tenant: 1, base: 'http://a/fhir', at: 0, lenient: false, defaultCount: 20, maxCount: 100 }
const plan = (query: string, type = 'Patient', lenient = false) =>
  search.plan(type, readQueryString(query), { ...options, lenient })
const codes = (query: string, lenient = false) =>
  plan(query, 'Patient', lenient).issues.map((one) => `${one.severity} ${one.code}`)

t.test('what cannot be used is refused, naming the parameter and what would work', async (t) => {
  const [unknown] = plan('nothing=1').issues
  t.match(unknown?.diagnostics, /_id, _lastUpdated, .*identifier/)
  t.same(unknown?.expression, ['http.nothing'])
  for (const query of [
    'active:text=1',
    'birthdate:exact=2000',
    'general-practitioner:Patient=1',
    '_sort=nothing',
    '_include=Patient:x',
  ])
    t.same(codes(query), ['error not-supported'], query)
  for (const query of [
    '_lastUpdated=x',
    '_count=-1',
    '_count=x',
    '_summary=x',
    '_total=x',
    '_elements=nothing',
    'identifier=',
    'identifier=a,,b',
    'active=yes',
    '_id=Patient/1',
    '_id=a b',
    '_id:missing=maybe',
    'organization=Nothing/1',
    'organization=Organization/',
    'organization=a|b',
    'organization=%23a',
    '_filter=_filter eq 1',
    '_filter=_list ne 1',
    '_filter=gender gt male',
  ])
    t.same(codes(query), ['error value'], query)
  for (const query of ['_count=1&_count=2', '_summary=true&_elements=name', '_cursor=x'])
    t.same(codes(query), ['error invalid'], query)
})

t.test('a modifier of a parameter that shapes the result is refused as such', async (t) => {
  t.match(
    plan('_include:missing=Patient:link').issues[0]?.diagnostics,
    /modifier of "_include": use one of :iterate, or none/,
  )
  t.match(plan('_sort:exact=name').issues[0]?.diagnostics, /modifier of "_sort": leave it out/)
})

t.test('a chain over canonical URLs is refused with what to do instead', async (t) => {
  const [issue] = plan('questionnaire.title=x', 'QuestionnaireResponse').issues
  t.match(issue, { code: 'not-supported', diagnostics: /canonical URL.*questionnaire=\[url\]/ })
  t.match(plan('code.name=x', 'Observation').issues[0]?.diagnostics, /These are: patient/)
})

t.test('what is wrong in a chain is said of the parameter as it was written', async (t) => {
  for (const [query, type, place] of [
    ['organization.foo=x', 'Patient', 'http.organization.foo'],
    ['organization:Organization.name:foo=x', 'Patient', 'http.organization:Organization.name:foo'],
    ['_has:Observation:patient:foo=x', 'Patient', 'http._has:Observation:patient:foo'],
    [
      '_has:Observation:patient:subject:Group.foo=x',
      'Patient',
      'http._has:Observation:patient:subject:Group.foo',
    ],
    ['subject:Patient.organization.foo=x', 'Observation', 'http.subject:Patient.organization.foo'],
    ['_filter=organization.foo eq x', 'Patient', 'http._filter'],
    ['name:foo=x', 'Patient', 'http.name'],
  ] as const)
    t.same(plan(query, type).issues[0]?.expression, [place], query)
})

t.test('what every resource has is there or is not, too', async (t) => {
  for (const code of ['_id', '_lastUpdated']) {
    t.same(codes(`${code}:missing=true`), [])
    t.same(codes(`${code}:missing=false`), [])
    t.match(plan(`${code}:exact=1`).issues[0]?.diagnostics, /:missing/)
  }
})

t.test('what is advised would work', async (t) => {
  const advised = (type: string, code: string): readonly string[] => {
    const text = plan(`_sort=${code}`, type).issues[0]?.diagnostics ?? ''
    return /It can by: ([^.]*), each with/.exec(text)?.[1]?.split(', ') ?? []
  }
  for (const type of ['Location', 'Observation']) {
    const all = advised(type, 'nothing')
    t.ok(all.length > 10)
    t.notOk(all.includes('near'))
    for (const one of all) if (one !== '_score') t.same(plan(`_sort=${one}`, type).issues, [], one)
  }
  for (const [filter, type] of [
    ['near eq 1|1', 'Location'],
    ['near ne 1|1', 'Location'],
    ['code-value-quantity eq a$gt5', 'Observation'],
    ['code-value-quantity ne a$gt5', 'Observation'],
  ] as const)
    t.same(plan(`_filter=${filter}`, type).issues, [], filter)
})

t.test('the links have the number that a page has', async (t) => {
  t.equal(search.page(plan('_count=1000').plan, []).self, '_count=100')
})

t.test('lenient handling leaves it out and says so', async (t) => {
  t.same(codes('nothing=1&identifier=1', true), ['warning not-supported'])
  const { plan: lenient } = plan('nothing=1&identifier=1&_sort=nothing&_count=5', 'Patient', true)
  t.equal(search.page(lenient, []).self, 'identifier=1&_count=5')
  t.same(codes('_cursor=x', true), ['error invalid'])
})

t.test('hostile values are refused by bounds', async (t) => {
  t.same(codes(`identifier=${','.repeat(10_000)}`), ['error too-costly'])
  t.same(codes(`identifier=${'x'.repeat(100_000)}`), ['error too-long'])
  t.same(codes(`${'x'.repeat(100_000)}=1`), ['error too-long'])
  t.same(codes('identifier=1&'.repeat(101)), ['error too-costly'])
  t.same(codes(`identifier=${','.repeat(10_000)}`, true), ['error too-costly'])
  t.same(plan('__proto__=1&constructor=1&_count:not=1', 'Patient', true).issues.length, 3)
})

t.test('any query is judged without throwing, and a plan without errors has a statement', async () => {
  const name = fc.oneof(
    fc.constantFrom(
      'identifier',
      '_id',
      '_lastUpdated',
      'gender',
      'active',
      '_sort',
      '_count',
      '_cursor',
      '_elements',
    ),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string()), { maxLength: 4 }), fc.boolean(), (query, lenient) => {
      const { plan } = search.plan('Patient', query, { ...options, lenient })
      search.statement(plan)
      search.countStatement(plan)
      search.page(plan, [])
    }),
    { numRuns: 1000 },
  )
})

t.test('result parameters', async (t) => {
  t.match(plan('').plan, { count: 20, total: 'known', sort: { by: 'key' }, shape: { summary: 'false' } })
  t.match(plan('_count=1000&_total=estimate&_sort=-_id').plan, {
    count: 100,
    total: 'estimate',
    sort: { by: 'id', descending: true },
  })
  t.match(plan('_count=0').plan, { count: 0, total: 'accurate', shape: { summary: 'count' } })
  t.match(plan('_summary=count').plan, { count: 0, total: 'accurate' })
  t.same(plan('_elements=name,deceased').plan.shape.elements, ['name', 'deceasedBoolean', 'deceasedDateTime'])
  t.equal(plan('_lastUpdated=ge2024').plan.sort.by, 'updated')
  t.equal(plan('_lastUpdated=ge2024&identifier=1').plan.sort.by, 'key')
})

t.test('a page position belongs to its order and cannot be changed', async (t) => {
  const key = '018cc251-f403-7082-b5f2-9d57b4c5166f'
  const cursor = writeCursor({ by: 'key', backward: false, value: '', key })
  t.same(plan(`_cursor=${cursor}`).issues, [])
  t.same(codes(`_sort=_id&_cursor=${cursor}`), ['error invalid'])
  fc.assert(
    fc.property(fc.nat(cursor.length - 1), fc.constantFrom('A', '_', '=', ' ', '~'), (at, letter) => {
      const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1)
      const read = search.plan('Patient', [['_cursor', changed]], options)
      return read.issues.length === 1 || read.plan.cursor?.by === 'key'
    }),
  )
})

t.test('links keep the search', async (t) => {
  const row: Row = {
    type: 1,
    id: '018cc251-f403-7082-b5f2-9d57b4c5166f',
    fhir_id: null,
    version: 1,
    last_updated: 5,
    content: '{}',
  }
  const { plan: first } = plan('identifier=http://a|1,2&_count=1')
  const page = search.page(first, [row, row])
  t.equal(page.rows.length, 1)
  t.equal(page.self, 'identifier=http://a%7C1,2&_count=1')
  t.equal(page.previous, undefined)
  t.same(readQueryString(page.next ?? '').slice(0, 2), readQueryString('identifier=http://a|1,2&_count=1'))
  const second = search.page(plan(page.next ?? '').plan, [row])
  t.equal(second.next, undefined)
  t.equal(second.first, page.self)
  t.ok(second.previous)
})

t.test('conditions', async (t) => {
  const condition = (query: string) =>
    search.condition('Patient', query, { tenant: 1, base: options.base, at: 0 })
  t.equal(condition('').issues.length, 1)
  t.equal(condition('identifier=1&_count=1').issues.length, 1)
  t.equal(condition('nothing=1').issues.length, 1)
  t.same(condition('identifier=http://a|1').condition.locks, ['Patient.identifier|1'])
  t.equal(condition('identifier=http%3A%2F%2Fa%7C1').condition.token, 'Patient.identifier|http://a|1')
  t.same(
    condition('gender=male&active=true').condition.locks,
    condition('active=true&gender=male').condition.locks,
  )
  t.equal(condition('gender=male&active=true').condition.token, undefined)
})

t.test('the text of statements', async (t) => {
  t.snapshotFile = new URL('./plan.snapshot.cjs', import.meta.url)
  const text = (query: string) => search.statement(plan(query, 'Observation').plan).text
  t.matchSnapshot(
    [
      '',
      'identifier=1',
      'code=a,b&status=final',
      '_lastUpdated=ge2024&_sort=-_lastUpdated',
      '_sort=_id',
      '_id=1',
    ]
      .map((query) => `${query}\n${text(query)}`)
      .join('\n\n'),
  )
  const { name, values } = search.statement(plan("code=';drop table resource", 'Observation').plan)
  t.ok(name.length < 63)
  t.notMatch(JSON.stringify(values), /drop/)
  t.equal(text('code=a'), text('code=b'))
})
