import type { CodeSystem, ConceptMap, Parameters, StructureDefinition, ValueSet } from 'fhir/r4.js'
import t, { type Test } from 'tap'
import type { Request } from '../../../src/rest/index.ts'
import { openRest, refusal, resourceOf, update } from '../../support/rest.ts'

const system: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x/shapes',
  version: '3',
  name: 'Shapes',
  status: 'active',
  content: 'complete',
  property: [{ code: 'corners', type: 'integer' }],
  concept: [
    {
      code: 'polygon',
      display: 'Polygon',
      concept: [
        {
          code: 'square',
          display: 'Square',
          definition: 'Four equal sides.',
          designation: [{ language: 'fr', value: 'Carré' }],
          property: [{ code: 'corners', valueInteger: 4 }],
        },
        { code: 'triangle', display: 'Triangle', property: [{ code: 'corners', valueInteger: 3 }] },
      ],
    },
    { code: 'circle', display: 'Circle' },
  ],
}
const set: ValueSet = {
  resourceType: 'ValueSet',
  url: 'http://x/polygons',
  status: 'active',
  compose: {
    include: [
      { system: system.url!, filter: [{ property: 'concept', op: 'descendent-of', value: 'polygon' }] },
    ],
  },
}
const map: ConceptMap = {
  resourceType: 'ConceptMap',
  url: 'http://x/map',
  status: 'active',
  sourceUri: 'http://x/polygons',
  group: [
    {
      source: system.url!,
      target: 'http://x/other',
      element: [{ code: 'square', target: [{ code: 'Q', equivalence: 'wider' }] }],
      unmapped: { mode: 'fixed', code: 'U', display: 'Unknown' },
    },
  ],
}

const profile = (name: string, baseDefinition?: string): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url: `http://x/${name}`,
  name,
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Observation',
  ...(baseDefinition === undefined ? {} : { baseDefinition, derivation: 'constraint' }),
  [baseDefinition === undefined ? 'snapshot' : 'differential']: {
    element: [
      { id: 'Observation', path: 'Observation' },
      ...(baseDefinition === undefined
        ? [
            {
              id: 'Observation.code',
              path: 'Observation.code',
              binding: { strength: 'required', valueSet: 'http://x/polygons' },
            },
          ]
        : []),
    ],
  },
})

const open = async (t: Test) => {
  const opened = await openRest(t)
  await opened.perform(update('CodeSystem', 'shapes', system))
  await opened.perform(update('ValueSet', 'polygons', set))
  await opened.perform(update('ConceptMap', 'map', map))
  const call = async (path: string, query: Record<string, string>): Promise<Parameters> => {
    const [type = '', ...rest] = path.split('/')
    const operation = rest.pop()!.slice(1)
    const request = { interaction: 'operation', type, operation, query: Object.entries(query) }
    const [id] = rest
    return resourceOf(await opened.perform({ ...request, ...(id ? { id } : {}) } as unknown as Request))
  }
  return { ...opened, call }
}
const values = ({ parameter = [] }: Parameters): Record<string, unknown> =>
  Object.fromEntries(
    parameter.map(({ name, ...rest }) => [
      name,
      Object.entries(rest).find(([key]) => key.startsWith('value'))?.[1],
    ]),
  )

t.test(
  'a value set is named by the element that is bound to it, or by the system that it is all of',
  async (t) => {
    const { call, perform } = await open(t)
    await perform(update('StructureDefinition', 'base', profile('base')))
    await perform(update('StructureDefinition', 'derived', profile('derived', 'http://x/base')))
    const context = 'http://x/derived#Observation.code'
    const expansion = { total: 2 }
    t.match(await call('ValueSet/$expand', { context, contextDirection: 'incoming' }), { expansion })
    const judged = { context, code: 'square', inferSystem: 'true' }
    t.match(values(await call('ValueSet/$validate-code', judged)), { result: true })
    const refused = (query: Record<string, string>, message: RegExp) =>
      t.rejects(call('ValueSet/$expand', query), { message })
    await refused({ context: 'http://x/base' }, /names a profile and an element/)
    await refused({ context: `${context}s` }, /is not loaded|has no element/)
    await refused({ context: 'http://x/a#A.b' }, /is not loaded/)
    await refused({ context: 'http://x/base#Observation' }, /is bound to no value set/)
    await refused({ context, contextDirection: 'up' }, /incoming or outgoing/)
    await refused({ url: 'http://x/polygons', contextDirection: 'incoming' }, /needs a context/)
    await refused({ context, url: 'http://x/polygons' }, /Send one of/)

    await perform(
      update('CodeSystem', 'shapes', { ...system, valueSet: 'http://x/all-shapes' } as CodeSystem),
    )
    t.match(await call('ValueSet/$expand', { url: 'http://x/all-shapes' }), { expansion: { total: 4 } })
  },
)

t.test('posted definitions are expanded, judged, looked up and translated', async (t) => {
  const { call } = await open(t)
  const url = 'http://x/polygons'
  t.match(await call('ValueSet/$expand', { url }), {
    expansion: { contains: [{ code: 'square' }, { code: 'triangle' }] },
  })
  t.match(await call('ValueSet/polygons/$expand', { count: '1' }), {
    expansion: { total: 2, contains: [{ code: 'square' }] },
  })

  const good = await call('ValueSet/$validate-code', {
    url,
    system: system.url!,
    code: 'square',
    display: 'carré',
  })
  t.match(values(good), { result: true, display: 'Square', version: '3' })
  const wrong = await call('ValueSet/$validate-code', {
    url,
    system: system.url!,
    code: 'square',
    display: 'Circle',
  })
  t.match(values(wrong), { result: false, message: /it is "Square"/ })
  t.match(values(await call('ValueSet/$validate-code', { url, code: 'circle', inferSystem: 'true' })), {
    result: false,
  })
  t.match(values(await call('ValueSet/$validate-code', { url, code: 'square', inferSystem: 'true' })), {
    result: true,
    system: system.url,
  })
  t.match(values(await call('CodeSystem/$validate-code', { url: system.url!, code: 'hexagon' })), {
    result: false,
  })
  t.match(values(await call('CodeSystem/shapes/$validate-code', { code: 'circle' })), { result: true })

  const found = await call('CodeSystem/$lookup', {
    system: system.url!,
    code: 'square',
    displayLanguage: 'fr',
  })
  t.match(values(found), { name: 'Shapes', version: '3', display: 'Carré', definition: 'Four equal sides.' })
  t.match(
    found.parameter?.filter(({ name }) => name === 'property').map(({ part }) => part?.[1]),
    [{ valueInteger: 4 }, { valueBoolean: false }, { valueCode: 'polygon' }],
  )
  const french = await call('CodeSystem/$lookup', {
    system: system.url!,
    code: 'square',
    property: 'lang.fr',
  })
  t.match(
    french.parameter?.filter(({ name }) => name === 'designation' || name === 'property'),
    [{ part: [{ valueCode: 'fr' }, { valueString: 'Carré' }] }],
  )
  t.equal(french.parameter?.length, 5, 'and no other')

  const relate = (codeA: string, codeB: string) =>
    call('CodeSystem/$subsumes', { system: system.url!, codeA, codeB })
  t.match(values(await relate('polygon', 'square')), { outcome: 'subsumes' })
  t.match(values(await relate('square', 'polygon')), { outcome: 'subsumed-by' })
  t.match(values(await relate('square', 'square')), { outcome: 'equivalent' })
  t.match(values(await relate('square', 'circle')), { outcome: 'not-subsumed' })

  const translated = await call('ConceptMap/$translate', {
    url: 'http://x/map',
    system: system.url!,
    code: 'square',
  })
  t.match(translated.parameter, [
    { name: 'result', valueBoolean: true },
    {
      part: [
        { valueCode: 'wider' },
        { valueCoding: { system: 'http://x/other', code: 'Q' } },
        { valueUri: 'http://x/map' },
      ],
    },
  ])
  const back = await call('ConceptMap/map/$translate', {
    system: 'http://x/other',
    code: 'Q',
    reverse: 'true',
  })
  t.match(back.parameter?.[1]?.part, [{ valueCode: 'narrower' }, { valueCoding: { code: 'square' } }])
  const other = await call('ConceptMap/$translate', { source: url, system: system.url!, code: 'circle' })
  t.match(other.parameter?.[1]?.part?.[1], { valueCoding: { code: 'U' } })
})

t.test('refusals', async (t) => {
  const { call } = await open(t)
  await t.rejects(call('ValueSet/$expand', {}), { status: 400, message: /Say which value set/ })
  await t.rejects(call('ValueSet/$expand', { url: 'http://x/none' }), { status: 404, message: /not known/ })
  await t.rejects(call('ValueSet/$expand', { url: 'http://x/polygons', context: 'a' }), {
    status: 400,
    message: /context/,
  })
  await t.rejects(call('CodeSystem/$lookup', { system: 'http://loinc.org', code: '1-8' }), {
    status: 404,
    message: /LOINC is not loaded/,
  })
  await t.rejects(call('CodeSystem/$lookup', { system: system.url!, code: 'x' }), {
    status: 404,
    message: /no code "x"/,
  })
  await t.rejects(call('CodeSystem/$lookup', { system: system.url!, code: 'square', property: 'edges' }), {
    status: 400,
    message: /no property "edges".*corners/,
  })
  await t.rejects(call('CodeSystem/$lookup', { code: 'x' }), { status: 400, message: /send system/ })
  await t.rejects(call('CodeSystem/$subsumes', { system: system.url!, codeA: 'square' }), {
    status: 400,
    message: /codeB/,
  })
  const named = { url: 'http://x/map', system: system.url!, code: 'square' }
  await t.rejects(call('ConceptMap/$translate', { ...named, source: 'http://x/other' }), {
    message: /source of this concept map is http:..x.polygons, and not http:..x.other/,
  })
  await t.rejects(call('ConceptMap/$translate', { ...named, target: 'http://x/other' }), {
    message: /target of this concept map is none/,
  })
  await t.rejects(call('ConceptMap/map/$translate', named), { message: /Send one of url and conceptMap/ })
  await t.rejects(call('ConceptMap/$translate', { code: 'a', system: 'b' }), {
    status: 400,
    message: /which concept map/,
  })
})

t.test('a refusal says which parameter is to blame', async (t) => {
  const { call, perform } = await open(t)
  for (const [path, query, ...places] of [
    ['ValueSet/$expand', { url: 'http://x/none' }, 'http.url'],
    ['ValueSet/$expand', { url: 'http://x/polygons', useSupplement: 'http://x/s' }, 'http.useSupplement'],
    ['ValueSet/$expand', { url: 'http://x/polygons', count: '1000000' }, 'http.count'],
    ['ValueSet/$validate-code', { url: 'http://x/none', code: 'a' }, 'http.url'],
    ['CodeSystem/$validate-code', { url: 'http://x/none', code: 'a' }, 'http.url'],
    ['CodeSystem/$lookup', { system: 'http://loinc.org', code: '1-8' }, 'http.system'],
    ['CodeSystem/$lookup', { system: system.url!, code: 'x' }, 'http.code'],
    ['CodeSystem/$subsumes', { system: 'http://x/none', codeA: 'a', codeB: 'b' }, 'http.system'],
    ['CodeSystem/$subsumes', { system: system.url!, codeA: 'a', codeB: 'b' }, 'http.codeA', 'http.codeB'],
    ['CodeSystem/$lookup', { nonsense: 'x' }, 'http.nonsense'],
  ] as const) {
    const { issues } = await refusal(call(path, query))
    t.same(issues[0]?.expression, places, `${path} ${JSON.stringify(query)}`)
  }
  const post = (type: string | undefined, operation: string, ...parameter: object[]) => {
    const body = { text: JSON.stringify({ resourceType: 'Parameters', parameter }) }
    return refusal(
      perform({
        interaction: 'operation',
        ...(type ? { type } : {}),
        operation,
        query: [],
        body,
        posted: true,
      }),
    )
  }
  await perform({
    interaction: 'operation',
    operation: 'closure',
    query: [['name', 'yes']],
    posted: true,
  })
  const coding = (one: object) => ({ name: 'coding', valueCoding: one })
  for (const [made, place] of [
    [post('CodeSystem', 'lookup', coding({ system: 'http://x/none', code: 'a' })), 'http.coding'],
    [post('CodeSystem', 'lookup', coding({ system: system.url!, code: 'a' })), 'http.coding'],
    [post('CodeSystem', 'lookup', coding({ system: system.url! })), 'http.coding'],
    [
      post(
        undefined,
        'closure',
        { name: 'name', valueString: 'yes' },
        { name: 'concept', valueCoding: { system: 'http://x/none', code: 'a' } },
      ),
      'http.concept',
    ],
    [
      post(undefined, 'closure', { name: 'name', valueString: 'no' }, { name: 'version', valueString: '1' }),
      'http.name',
    ],
    [
      post(
        'CodeSystem',
        'find-matches',
        { name: 'system', valueUri: system.url },
        { name: 'property', part: [{ name: 'code', valueCode: 'a' }] },
      ),
      'http.property',
    ],
  ] as const)
    t.match((await made).issues[0]?.expression, [place])
})

t.test('closure tables are kept, with versions', async (t) => {
  const { perform } = await open(t)
  const call = async (...parameter: object[]): Promise<ConceptMap> => {
    const body = { text: JSON.stringify({ resourceType: 'Parameters', parameter }) }
    const request = { interaction: 'operation', operation: 'closure', query: [], body, posted: true }
    return resourceOf(await perform(request as unknown as Request))
  }
  const name = { name: 'name', valueString: 'mine' }
  const add = (code: string) => ({ name: 'concept', valueCoding: { system: system.url, code } })
  await t.rejects(call(name, add('square')), { status: 404, message: /no closure table "mine"/ })
  t.match(await call(name), { version: '0', resourceType: 'ConceptMap' })
  t.match(await call(name, add('square')), { version: '1' })
  const both = await call(name, add('polygon'), add('triangle'), add('square'))
  t.match(both.group, [
    {
      source: system.url,
      element: [
        { code: 'square', target: [{ code: 'polygon', equivalence: 'subsumes' }] },
        { code: 'triangle' },
      ],
    },
  ])
  t.equal(both.version, '2')
  t.match((await call(name, { name: 'version', valueString: '1' })).group, [
    { element: [{ code: 'square' }, { code: 'triangle' }] },
  ])
  t.notOk((await call(name, { name: 'version', valueString: '2' })).group)
  await t.rejects(call(name, add('hexagon')), { status: 422, message: /no code "hexagon"/ })
  const together = await Promise.all(['circle', 'circle', 'circle'].map((code) => call(name, add(code))))
  t.same(
    together.map(({ version }) => version),
    ['3', '3', '3'],
  )
})

t.test('matches by properties', async (t) => {
  const { perform } = await open(t)
  const call = async (...parameter: object[]): Promise<Parameters> => {
    const body = { text: JSON.stringify({ resourceType: 'Parameters', parameter }) }
    const path = { type: 'CodeSystem', id: 'shapes', operation: 'find-matches' }
    return resourceOf(
      await perform({
        interaction: 'operation',
        ...path,
        query: [],
        body,
        posted: true,
      } as unknown as Request),
    )
  }
  const property = (code: string, value: object) => ({
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { name: 'value', ...value },
    ],
  })
  const four = property('corners', { valueInteger: 4 })
  const exact = { name: 'exact', valueBoolean: true }
  t.match((await call(exact, four)).parameter, [
    { name: 'match', part: [{ valueCoding: { code: 'square' } }] },
  ])
  const below = property('parent', { valueCode: 'polygon' })
  t.match((await call(four, below)).parameter, [
    { part: [{ valueCoding: { code: 'square' } }] },
    { part: [{ valueCoding: { code: 'triangle' } }, { name: 'unmatched' }] },
  ])
  t.same((await call(exact, four, property('corners', { valueInteger: 3 }))).parameter, [])
})
