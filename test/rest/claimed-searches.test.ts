/** What the CapabilityStatement says can be searched can be, and nothing else: http://hl7.org/fhir/R4/capabilitystatement.html */
import t from 'tap'
import { auditEventsKept } from '../../src/audit/index.ts'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createCapabilities, type Request } from '../../src/rest/index.ts'
import { openRest, search } from '../support/rest.ts'

type Param = { name: string; type: string; definition?: string }
type Claimed = {
  type: string
  documentation?: string
  searchParam: Param[]
  searchInclude?: string[]
  searchRevInclude?: string[]
}

t.setTimeout(120_000)

const definitions = await loadDefinitions(undefined)
const statement = createCapabilities({
  definitions,
  search,
  operations: [],
  options: { updateAsCreate: true },
  references: 'off',
  authorization: 'off',
  cors: false,
  version: '1',
  keepers: new Map([['AuditEvent', auditEventsKept]]),
})
const [rest] = JSON.parse(statement('http://x/fhir')).rest as [{ resource: Claimed[]; searchParam: Param[] }]
const kept = new Set(['AuditEvent'])
const claimed = rest.resource

const options = { tenant: 1, base: 'http://x/fhir', at: 0, lenient: false, defaultCount: 1, maxCount: 1 }
const refused = (type: string, name: string, value: string): boolean =>
  hasErrors(search.plan(type, [[name, value]], options).issues)

const plain: Record<string, readonly string[]> = {
  token: ['a', 'true'],
  string: ['abc'],
  reference: ['1'],
  date: ['ge2024-05-31T10:00:00Z'],
  number: ['gt5'],
  quantity: ['5.4|http://unitsofmeasure.org|g'],
  uri: ['http://a.b/c'],
  special: ['42.25|-83.69|11|km'],
}

/** A value of the right form: of a composite the example that its refusal gives. */
const valueFor = (type: string, { name, type: kind }: Param): string => {
  const [issue] = search.plan(type, [[name, 'x']], options).issues
  const example = /such as (\S+);/.exec(issue?.diagnostics ?? '')?.[1]
  const values = kind === 'composite' ? [example ?? ''] : (plain[kind] ?? [])
  return values.find((value) => !refused(type, name, value)) ?? ''
}

t.test('every claimed parameter takes a value of its form, and nearly all take :missing', async (t) => {
  for (const { type, searchParam } of claimed) {
    const silent = searchParam.filter((param) => valueFor(type, param) === '')
    t.same(silent, [], type)
    const noMissing = searchParam.filter(
      ({ name }) => name !== '_content' && name !== '_text' && refused(type, `${name}:missing`, 'true'),
    )
    t.same(noMissing, [], `${type} :missing`)
  }
})

t.test('what is claimed for all types every type takes', async (t) => {
  const values: Record<string, string> = { _filter: '_id eq 1', _list: '1' }
  for (const param of rest.searchParam) {
    const { name } = param
    if (name === '_type') continue
    if (name === '_has') t.notOk(refused('Patient', '_has:Observation:patient:code', 'a'))
    else
      for (const { type } of claimed)
        t.notOk(refused(type, name, values[name] ?? valueFor(type, param)), `${type} ${name}`)
  }
  t.notOk(hasErrors(search.plan(undefined, [['_type', 'Patient,Group']], options).issues))
})

t.test('a parameter that is not claimed is refused', async (t) => {
  const ofAll = new Set(rest.searchParam.map(({ name }) => name))
  for (const [n, { type, searchParam }] of claimed.entries()) {
    const own = new Set(searchParam.map(({ name }) => name))
    const others = claimed[(n + 1) % claimed.length]?.searchParam ?? []
    const foreign = others.filter(({ name }) => !own.has(name) && !ofAll.has(name))
    const taken = [...foreign, { name: '_nothing' }, { name: 'nothing' }].filter(
      ({ name }) => !refused(type, name, 'a'),
    )
    // Of what can have no narrative nothing is found.
    t.same(
      taken.filter(({ name }) => name !== '_text'),
      [],
      type,
    )
  }
})

t.test('includes that are claimed work, others are refused', async (t) => {
  for (const { type, searchParam, searchInclude = [], searchRevInclude = [] } of claimed) {
    const wrong = [
      ...searchInclude.filter((value) => refused(type, '_include', value)),
      ...searchRevInclude.filter((value) => refused(type, '_revinclude', value)),
    ]
    t.same(wrong, [], type)
    for (const value of searchRevInclude)
      if (value.startsWith('AuditEvent:')) t.match(value, /:(agent|entity|patient)$/)
    const names = new Set(searchInclude)
    for (const { name } of searchParam)
      if (!names.has(`${type}:${name}`) && !refused(type, '_include', `${type}:${name}`))
        t.fail(`${type}:${name}`)
  }
})

t.test('the database answers all of them', { timeout: 120_000 }, async (t) => {
  const { perform } = await openRest(t)
  const ask = async (type: string, query: Request['query']): Promise<void> => {
    const { status } = await perform({ interaction: 'search-type', type, query })
    if (status !== 200) t.fail(`${type} ${JSON.stringify(query)}`)
  }
  for (const { type, searchParam, searchInclude = [], searchRevInclude = [] } of claimed.filter(
    ({ type }) => !kept.has(type),
  )) {
    const own = searchParam.filter(({ name }) => !name.startsWith('_') || type === 'Patient')
    await Promise.all(own.map((param) => ask(type, [[param.name, valueFor(type, param)]])))
    await ask(
      type,
      searchInclude.slice(0, 90).map((value) => ['_include', value] as const),
    )
    await ask(
      type,
      searchRevInclude.slice(0, 90).map((value) => ['_revinclude', value] as const),
    )
  }
  t.pass('all')
})
