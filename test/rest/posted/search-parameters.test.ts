/** SearchParameters that users post are indexed at once, built in the background, and searched when they are ready. */
import t, { type Test } from 'tap'
import { createRowsOf } from '../../../src/rest/index.ts'
import { createStore } from '../../../src/store/index.ts'
import type { IndexBuilds } from '../../../src/store/index-build.ts'
import {
  base,
  search as common,
  create,
  openRest,
  refusal,
  resourceOf,
  transaction,
  update,
} from '../../support/rest.ts'

const find = (type: string, query: string) => ({
  interaction: 'search-type' as const,
  type,
  query: [...new URLSearchParams(query)],
})

const remove = (type: string, id: string) => ({ interaction: 'delete' as const, type, id, query: [] })

const parameter = (code: string, more: object = {}) => ({
  url: `http://example.org/SearchParameter/${code}`,
  name: code.replaceAll('-', ''),
  status: 'active',
  description: code,
  code,
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.maritalStatus',
  ...more,
})

const open = async (t: Test) => {
  const opened = await openRest(t)
  const { builds } = createStore(opened.database, 'off')
  const rowsOf = createRowsOf({ search: common, posted: opened.posted }, () => base, 100)
  const build = async (): Promise<void> => {
    for (let step: Awaited<ReturnType<IndexBuilds['step']>> = 'more'; step !== 'finished'; )
      step = await builds.step(rowsOf)
  }
  const ids = async (type: string, query: string): Promise<string[]> => {
    const bundle = resourceOf(await opened.perform(find(type, query)))
    return (bundle.entry ?? [])
      .filter((one: { search: { mode: string } }) => one.search.mode !== 'outcome')
      .map((one: { resource: { id: string } }) => one.resource.id)
      .sort()
  }
  return { ...opened, builds, rowsOf, build, ids }
}

const married = (code: string) => ({
  maritalStatus: {
    coding: [{ system: 'http://example.org/m', code, display: `Is ${code}` }],
    text: 'so it is',
  },
})

t.test(
  'a posted parameter: refused while it is built, then searched, and gone when it is retired',
  async (t) => {
    const { perform, build, ids, database } = await open(t)
    await perform(update('Patient', 'a', married('M')))
    await perform(update('Patient', 'b', { gender: 'male' }))
    t.equal((await refusal(perform(find('Patient', 'status-of-life=M')))).status, 400, 'unknown before')
    await perform(update('SearchParameter', 'p', parameter('status-of-life')))
    const early = await refusal(perform(find('Patient', 'status-of-life=M')))
    t.equal(early.status, 503)
    t.match(early.issues[0], {
      code: 'transient',
      diagnostics: /"status-of-life" is being built: 0 %/,
      expression: ['http.status-of-life'],
    })
    for (const [query, place] of [
      ['_sort=_id&status-of-life:not=M', 'http.status-of-life:not'],
      ['_has:Patient:link:status-of-life=M', 'http._has:Patient:link:status-of-life'],
      ['_filter=status-of-life eq M', 'http._filter'],
    ] as const)
      t.match((await refusal(perform(find('Patient', query)))).issues[0]?.expression, [place])
    const claims = async () =>
      JSON.stringify(resourceOf(await perform({ interaction: 'capabilities', query: [] })))
    t.notMatch(await claims(), /status-of-life/, 'not claimed yet')
    const asked = { interaction: 'operation' as const, operation: 'reindex-status', query: [] }
    const part = [{ name: 'parameter' }, { name: 'code', valueCode: 'status-of-life' }, { valueDecimal: 0 }]
    const status = async (type: string) => resourceOf(await perform({ ...asked, type })).parameter
    t.match(await status('Patient'), [{ name: 'building', part }])
    t.equal((await refusal(perform({ ...asked, type: 'Observation' }))).status, 404, 'of another type')
    await perform(update('Patient', 'c', married('M')))
    await build()
    t.equal((await refusal(perform({ ...asked, type: 'Patient' }))).status, 404, 'nothing is being built')
    t.match(await claims(), /status-of-life/)
    t.same(await ids('Patient', 'status-of-life=M'), ['a', 'c'])
    t.same(await ids('Patient', 'status-of-life=http://example.org/m|M'), ['a', 'c'])
    t.same(await ids('Patient', 'status-of-life:missing=true'), ['b'])
    t.same(await ids('Patient', 'status-of-life:not=M'), ['b'])
    t.same(await ids('Patient', 'status-of-life:text=it'), ['a', 'c'])
    await perform(update('Patient', 'd', married('M')))
    t.same(await ids('Patient', 'status-of-life=M&_sort=status-of-life'), ['a', 'c', 'd'], 'written later')
    t.same(await ids('Patient', '_content=so'), ['a', 'c', 'd'], 'texts are found as before')

    await perform(
      update('SearchParameter', 'p', parameter('status-of-life', { description: 'said otherwise' })),
    )
    t.same(await ids('Patient', 'status-of-life=M'), ['a', 'c', 'd'], 'other words about it change nothing')
    await perform(
      update('SearchParameter', 'p', parameter('status-of-life', { expression: 'Patient.gender' })),
    )
    t.equal((await refusal(perform(find('Patient', 'status-of-life=M')))).status, 503, 'another expression')
    await build()
    t.same(await ids('Patient', 'status-of-life=M'), [])
    t.same(await ids('Patient', 'status-of-life=male'), ['b'])
    await perform(update('SearchParameter', 'p', parameter('status-of-life', { status: 'retired' })))
    t.equal((await refusal(perform(find('Patient', 'status-of-life=male')))).status, 400)
    await build()
    const [left] = await database.query<{ n: number }>({
      name: '',
      text: 'select count(*)::int as n from index_build where tenant is not null',
      tenant: '*',
      values: [],
    })
    t.equal(left?.n, 0, 'nothing is left to do')
    t.same(await ids('Patient', '_content=so'), ['a', 'c', 'd'])
  },
)

t.test('of every type, in chains, includes, sorts and conditions', async (t) => {
  const { perform, build, ids } = await open(t)
  const posts = [
    parameter('is-dead', { expression: 'Patient.deceased.exists()' }),
    parameter('nick', { type: 'string', expression: "Patient.name.where(use = 'nickname').given" }),
    parameter('passed', { type: 'date', expression: '(Patient.deceased as dateTime)' }),
    parameter('births', { type: 'number', expression: '(Patient.multipleBirth as integer)' }),
    parameter('weight', {
      base: ['Observation'],
      type: 'quantity',
      expression: '(Observation.value as Quantity)',
    }),
    parameter('photo-url', { type: 'uri', expression: 'Patient.photo.url' }),
    parameter('boss', {
      type: 'reference',
      expression: 'Patient.managingOrganization',
      target: ['Organization'],
    }),
    parameter('first-name', { type: 'string', expression: 'Patient.name.first().family' }),
  ]
  for (const post of posts) await perform(create('SearchParameter', post))
  await perform(
    create(
      'SearchParameter',
      parameter('boss-status', {
        type: 'composite',
        expression: 'Observation',
        base: ['Observation'],
        component: [
          { definition: 'http://hl7.org/fhir/SearchParameter/clinical-code', expression: 'code' },
          { definition: 'http://example.org/SearchParameter/weight', expression: 'value.as(Quantity)' },
        ],
      }),
    ),
  )
  await perform(update('Organization', 'o', { name: 'Org' }))
  await perform(
    update('Patient', 'a', {
      name: [{ family: 'Ander' }, { use: 'nickname', given: ['Ändy'], family: 'Zeta' }],
      deceasedDateTime: '2020-05-05',
      multipleBirthInteger: 2,
      photo: [{ url: 'http://example.org/a.png' }],
      managingOrganization: { reference: 'Organization/o' },
    }),
  )
  await perform(
    update('Patient', 'b', { name: [{ family: 'Zeta' }], multipleBirthInteger: 1, deceasedDateTime: '2021' }),
  )
  await perform(
    update('Observation', 'w', {
      status: 'final',
      code: { coding: [{ code: '29463-7' }] },
      subject: { reference: 'Patient/a' },
      valueQuantity: { value: 70, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    }),
  )
  await build()
  t.same(await ids('Patient', 'is-dead=true'), ['a', 'b'])
  t.same(await ids('Patient', 'nick=and'), ['a'])
  t.same(await ids('Patient', 'passed=2020-05'), ['a'])
  t.same(await ids('Patient', 'births=gt1'), ['a'])
  t.same(await ids('Observation', 'weight=70000|http://unitsofmeasure.org|g'), ['w'])
  t.same(await ids('Patient', 'photo-url=http://example.org/a.png'), ['a'])
  t.same(await ids('Patient', 'boss=Organization/o'), ['a'])
  t.same(await ids('Patient', 'boss.name=org'), ['a'])
  t.same(await ids('Observation', 'subject:Patient.nick=and'), ['w'])
  t.same(await ids('Patient', '_has:Observation:patient:weight=70'), ['a'])
  t.same(await ids('Organization', '_has:Patient:boss:nick=and'), ['o'])
  t.same(await ids('Patient', 'boss=Organization/o&_include=Patient:boss'), ['a', 'o'])
  t.same(await ids('Organization', '_revinclude=Patient:boss'), ['a', 'o'])
  t.same(await ids('Patient', 'first-name=and'), ['a'], 'evaluated by the engine')
  t.same(await ids('Patient', 'first-name=zeta'), ['b'])
  t.same(await ids('Observation', 'boss-status=29463-7$gt60'), ['w'])
  t.same(await ids('Observation', 'boss-status=29463-7$gt80'), [])
  const sorted = resourceOf(await perform(find('Patient', '_sort=-births'))).entry
  t.same(
    sorted.map((one: { resource: { id: string } }) => one.resource.id),
    ['a', 'b'],
  )
  const again = await perform(create('Patient', {}, { ifNoneExist: 'nick=and' }))
  t.equal(again.status, 200, 'a condition')
})

t.test('those that cannot be are refused, and why', async (t) => {
  const { perform } = await open(t)
  const refused = async (code: string, more: object, said: RegExp, where: string): Promise<void> => {
    const { status, issues } = await refusal(perform(create('SearchParameter', parameter(code, more))))
    t.equal(status, 422)
    t.match(issues[0], { diagnostics: said, expression: [`SearchParameter.${where}`] })
  }
  await refused('x', { expression: 'Patient.name.' }, /cannot be searched on Patient/, 'expression')
  await refused('x', { expression: 'Patient.nothing' }, /no element nothing|selects nothing/, 'expression')
  await refused('x', { expression: 'Patient.name.where(resolve() is Patient)' }, /cannot be/, 'expression')
  const uncallable: readonly (readonly [string, RegExp])[] = [
    [
      'Patient.name.where(given.toUpperCase() = 1).family',
      /calls toUpperCase\(\), which FHIRPath does not have/,
    ],
    ['Patient.name.given.substring()', /substring\(\) takes 1 to 2 arguments, and has 0/],
    ['Patient.birthDate.where($this < today())', /today\(\) depends on more than the resource/],
    ["Patient.name.given.memberOf('http://a')", /memberOf\(\) depends on more/],
    ['Patient.name.ofType(Nothing).first()', /cannot be evaluated/],
  ]
  for (const [expression, said] of uncallable) await refused('x', { expression }, said, 'expression')
  await refused('x', { expression: undefined }, /Without an expression/, 'expression')
  await refused('birthdate', {}, /Patient has a parameter "birthdate"/, 'code')
  await refused('a:b', {}, /cannot be searched by/, 'code')
  await refused('x', { type: 'special' }, /special/, 'type')
  await refused(
    'x',
    { type: 'composite', component: [{ definition: 'http://a/b', expression: 'name' }] },
    /component/,
    'component',
  )
  await perform(create('SearchParameter', parameter('x')))
  await refused('x', { url: 'http://example.org/other' }, /the same type already/, 'code')
  const entries = [
    {
      request: { method: 'POST', url: 'SearchParameter' },
      resource: { resourceType: 'SearchParameter', ...parameter('gender') },
    },
  ]
  t.equal((await refusal(perform(transaction(entries)))).status, 422, 'in a transaction too')
  t.equal((await perform(create('SearchParameter', parameter('gender', { status: 'draft' })))).status, 201)
  const own = {
    url: 'http://hl7.org/fhir/SearchParameter/individual-gender',
    type: 'token',
    expression: 'Patient.gender',
  }
  t.equal(
    (await perform(create('SearchParameter', parameter('gender', own)))).status,
    201,
    'one of R4 itself',
  )
})

t.test('tenants have their own', async (t) => {
  const { rest, build, perform } = await open(t)
  const { ctxAt } = await import('../../support/rest.ts')
  await rest.perform(
    ctxAt(Date.now(), 2),
    create('SearchParameter', parameter('own', { expression: 'Patient.gender' })),
  )
  await perform(create('SearchParameter', parameter('own')))
  for (const tenant of [1, 2, 3])
    await rest.perform(ctxAt(Date.now(), tenant), update('Patient', 'a', { gender: 'male', ...married('M') }))
  await build()
  const count = async (tenant: number, query: string): Promise<number> =>
    resourceOf(await rest.perform(ctxAt(Date.now(), tenant), find('Patient', query))).entry?.length ?? 0
  t.equal(await count(1, 'own=M'), 1)
  t.equal(await count(1, 'own=male'), 0)
  t.equal(await count(2, 'own=male'), 1)
  t.equal((await refusal(rest.perform(ctxAt(Date.now(), 3), find('Patient', 'own=M')))).status, 400)
})

t.test('deleted: another may have its code', async (t) => {
  const { perform, build, ids } = await open(t)
  await perform(update('Patient', 'a', { gender: 'male', ...married('M') }))
  await perform(update('SearchParameter', 'p', parameter('own')))
  await build()
  await perform(remove('SearchParameter', 'p'))
  await perform(update('SearchParameter', 'q', parameter('own', { expression: 'Patient.gender' })))
  await build()
  t.same(await ids('Patient', 'own=male'), ['a'])
  t.same(await ids('Patient', 'own=M'), [])
})

t.test('what the definition lets a search do is all that can be done', async (t) => {
  const { perform, build, ids } = await open(t)
  await perform(create('Organization', { name: 'x' }))
  await perform(update('Organization', 'o', { name: 'ward' }))
  const named = (given: string) => ({
    name: [{ given: [given] }],
    managingOrganization: { reference: 'Organization/o' },
  })
  await perform(update('Patient', 'a', { ...named('Ann'), birthDate: '2001-01-01', ...married('M') }))
  await perform(update('Patient', 'b', { ...named('Anna'), birthDate: '2002-01-01', ...married('S') }))
  const nick = parameter('nick', {
    type: 'string',
    expression: 'Patient.name.given',
    modifier: ['exact', 'missing'],
    multipleOr: false,
    multipleAnd: false,
  })
  await perform(update('SearchParameter', 'nick', nick))
  await perform(
    create(
      'SearchParameter',
      parameter('born', { type: 'date', expression: 'Patient.birthDate', comparator: ['ge', 'le'] }),
    ),
  )
  await perform(
    create(
      'SearchParameter',
      parameter('boss', {
        type: 'reference',
        expression: 'Patient.managingOrganization',
        target: ['Organization'],
        chain: ['name'],
        modifier: ['type'],
      }),
    ),
  )
  await perform(create('SearchParameter', parameter('wed', { modifier: ['not', 'in'], multipleOr: true })))
  await build()
  t.same(await ids('Patient', 'nick=ann'), ['a', 'b'])
  t.same(await ids('Patient', 'nick:exact=Ann'), ['a'])
  t.same(await ids('Patient', 'nick:missing=true'), [])
  t.same(await ids('Patient', 'born=ge2001-06'), ['b'])
  t.same(await ids('Patient', 'born=ge2001-01-01,le2000&born=2001-01-01'), ['a'], 'as often as one likes')
  t.same(await ids('Patient', 'boss.name=war'), ['a', 'b'])
  t.same(await ids('Patient', 'boss:Organization.name=war'), ['a', 'b'])
  t.same(await ids('Patient', 'boss:Organization=o'), ['a', 'b'])
  t.same(await ids('Patient', 'wed:not=M,X'), ['b'])
  for (const [query, sentence] of [
    ['nick:contains=n', /"nick" does not allow the modifier ":contains"; it allows :exact, :missing/],
    ['nick=a,b', /one value at a time/],
    ['nick=a&nick:exact=b', /once in a search/],
    ['_filter=nick co "n"', /does not allow the modifier ":contains"/],
    ['born=gt2001', /does not allow the prefix "gt"; it allows ge, le, and values without/],
    ['boss.name=w&boss.active=true', /does not allow the chain "boss.active"; it allows boss.name/],
    ['boss:identifier=x|y', /it allows :\[type\]/],
    ['wed:text=x', /it allows :not, :in/],
  ] as const) {
    const { status, issues } = await refusal(perform(find('Patient', query)))
    t.equal(status, 400, query)
    t.match(issues[0]?.diagnostics, sentence)
    t.match(issues[0]?.expression?.[0], /^http\./)
  }
  t.match(
    (await refusal(perform(find('Observation', 'subject:Patient.nick:contains=n')))).issues[0]?.diagnostics,
    /allows :exact/,
  )
  const claims = resourceOf(await perform({ interaction: 'capabilities', query: [] }))
  const patient = claims.rest[0].resource.find((one: { type: string }) => one.type === 'Patient')
  t.match(
    patient.searchParam.find((one: { name: string }) => one.name === 'nick'),
    { documentation: 'Modifiers: :exact, :missing. One value at a time. Once in a search.' },
  )
  await perform(update('SearchParameter', 'nick', { ...nick, multipleOr: true }))
  t.same(await ids('Patient', 'nick=zoe,ann'), ['a', 'b'], 'another limit counts at once, without a build')
})

t.test('what the server cannot do is not promised', async (t) => {
  const { perform } = await open(t)
  for (const [more, place, sentence] of [
    [{ modifier: ['not', 'contains'] }, 'modifier', /"contains" is not one of missing, text, not, in/],
    [{ comparator: ['gt'] }, 'comparator', /a token is not compared/],
    [{ chain: ['name'] }, 'chain', /only a reference can be chained/],
    [
      {
        type: 'reference',
        expression: 'Patient.managingOrganization',
        target: ['Organization'],
        chain: ['name', 'birthdate'],
      },
      'chain',
      /"birthdate" is a search parameter of none of the types that it refers to \(Organization\)/,
    ],
    [
      { type: 'date', expression: 'Patient.birthDate', modifier: ['exact'] },
      'modifier',
      /not one of missing,/,
    ],
  ] as const) {
    const { status, issues } = await refusal(perform(create('SearchParameter', parameter('promise', more))))
    t.equal(status, 422)
    t.match(issues[0], { expression: [`SearchParameter.${place}`], diagnostics: sentence })
    await perform(create('SearchParameter', { ...parameter('promise', more), status: 'draft' }))
  }
})
