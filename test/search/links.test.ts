/** Chains and `_has`: Postgres and memory agree, whatever refers to what. http://hl7.org/fhir/R4/search.html#chaining */
import fc from 'fast-check'
import pg from 'pg'
import t from 'tap'
import { idKey, newId } from '../../src/base/id.ts'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { typeNumber } from '../../src/fhir/resource-types.ts'
import { followAmong, type Known } from '../../src/search/follow.ts'
import { createSearch, hashToken, type Parameter, type Plan, type Row } from '../../src/search/index.ts'
import { database } from '../support/postgres.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const tenant = 1
const at = Date.parse('2024-01-01T00:00:00Z')
const options = { tenant, base, at, lenient: false, defaultCount: 10, maxCount: 50 }

const ids = ['1', '2', newId(at), newId(at + 5)]
const idOf = fc.constantFrom(...ids)
const anyCode = fc.constantFrom('x', 'y')
const refTo = (...types: string[]) =>
  fc
    .tuple(fc.constantFrom(...types), idOf, fc.constantFrom('', '', '/_history/1'))
    .map(([type, id, version]) => ({ reference: `${type}/${id}${version}` }))
const maybe = <T>(member: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v): object => (v === undefined ? {} : { [member]: v }))

const resource = (resourceType: string, ...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all): JsonObject => Object.assign({ resourceType }, ...all) as JsonObject)
const identifier = maybe(
  'identifier',
  anyCode.map((value) => [{ value }]),
)

const organization = resource('Organization', identifier, maybe('partOf', refTo('Organization')))
const patient = resource(
  'Patient',
  identifier,
  maybe('active', fc.boolean()),
  maybe('managingOrganization', refTo('Organization')),
)
const observation = resource(
  'Observation',
  maybe(
    'code',
    anyCode.map((code) => ({ coding: [{ code }] })),
  ),
  maybe('subject', refTo('Patient', 'Group')),
  maybe('performer', fc.array(refTo('Patient', 'Organization'), { maxLength: 2 })),
)

/** Refers to contained resources, which refer to each other and to others. */
const container = resource(
  'Observation',
  fc
    .tuple(patient, organization, fc.boolean(), refTo('Organization'))
    .map(([one, other, isInside, reference]) => ({
      contained: [
        { ...one, id: 'p', managingOrganization: isInside ? { reference: '#o' } : reference },
        { ...other, id: 'o' },
      ],
      subject: { reference: '#p' },
    })),
  maybe(
    'performer',
    fc.array(fc.constantFrom({ reference: '#o' }, { reference: 'Organization/1' }), { maxLength: 2 }),
  ),
)

const world = fc.uniqueArray(
  fc
    .tuple(idOf, fc.oneof(organization, patient, observation, container))
    .map(([id, resource]) => ({ id, resource })),
  { selector: ({ id, resource }) => `${resource.resourceType}/${id}`, maxLength: 12 },
)

const asked: readonly [type: string, name: string, value: fc.Arbitrary<string>][] = [
  ['Observation', 'patient.identifier', anyCode],
  ['Observation', 'subject:Patient.active', fc.constantFrom('true', 'false')],
  ['Observation', 'subject:Patient.active:missing', fc.constantFrom('true', 'false')],
  ['Observation', 'subject:Patient._id', fc.constantFrom('1', ids.join(','))],
  ['Observation', 'performer.identifier', anyCode],
  ['Observation', 'performer:Organization.identifier', fc.constantFrom('x', 'x,y')],
  ['Observation', 'patient.organization.identifier', anyCode],
  ['Observation', 'patient.organization.partof.identifier', anyCode],
  ['Observation', 'patient._has:Observation:patient:code', anyCode],
  ['Observation', 'patient._lastUpdated', fc.constantFrom('2023', '2024')],
  ['Observation', 'code', anyCode],
  ['Patient', '_has:Observation:patient:code', fc.constantFrom('x', 'y', 'x,y')],
  ['Patient', '_has:Observation:patient:code:not', anyCode],
  ['Patient', '_has:Observation:patient:performer:Organization.identifier', anyCode],
  ['Patient', 'organization.identifier', anyCode],
  ['Patient', 'active', fc.constantFrom('true', 'false')],
  ['Organization', '_has:Patient:organization:_has:Observation:patient:code', anyCode],
  ['Organization', '_has:Organization:partof:identifier', anyCode],
  ['Organization', 'identifier', anyCode],
  ['Organization', 'partof:below', fc.constantFrom('1', 'Organization/2', ids.join(','))],
  ['Organization', 'partof:above', fc.constantFrom('1', 'Organization/2', ids.join(','))],
  ['Patient', 'organization.partof:below', fc.constantFrom(...ids)],
  ['Patient', 'organization.partof:above', fc.constantFrom(...ids)],
]

const query = fc.constantFrom('Observation', 'Patient', 'Organization').chain((type) => {
  const ofType = asked.filter(([one]) => one === type)
  const parameter = fc
    .constantFrom(...ofType)
    .chain(([, name, value]) => value.map((v): Parameter => [name, v]))
  return fc.record({
    type: fc.constant(type),
    filters: fc.array(parameter, { minLength: 1, maxLength: 3 }),
    sort: fc.constantFrom(undefined, '_id', '-_lastUpdated'),
  })
})

t.test('with a database', async (t) => {
  const client = new pg.Client(await database(t))
  await client.connect()
  t.teardown(() => client.end())

  const store = async (known: readonly Known[]): Promise<void> => {
    await client.query('truncate resource, resource_version')
    for (const { type, id, lastUpdated, rows } of known) {
      const key = [tenant, typeNumber(type), idKey(id), new Date(lastUpdated).toISOString()]
      const fhirId = idKey(id) === id ? null : id
      const tokens = `{${rows.tokens.map((text) => hashToken(tenant, text))}}`
      await client.query(
        `with v as (insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content)
           values ($1::int, $2::smallint, $3::uuid, 1, $4::timestamptz, 'c', $5::text, '{}'))
         insert into resource (tenant, type, id, version, last_updated, fhir_id, tokens)
         values ($1, $2, $3, 1, $4, $5, $6::bigint[])`,
        [...key, fhirId, tokens],
      )
    }
  }

  const run = async <R extends object>({ text, values }: { text: string; values: readonly unknown[] }) =>
    (await client.query<R>(text, [...values])).rows

  const planOf = (type: string, query: readonly Parameter[]): Plan => {
    const { plan, issues } = search.plan(type, query, options)
    if (hasErrors(issues)) throw new Error(JSON.stringify([query, issues]))
    return plan
  }

  const known = (resources: readonly { id: string; resource: JsonObject }[]): readonly Known[] =>
    resources.map(({ id, resource }) => {
      const type = String(resource.resourceType)
      return { type, id, lastUpdated: at, rows: search.extract(type, resource, base) }
    })

  await t.test('search and count agree with memory', () =>
    fc.assert(
      fc.asyncProperty(world, fc.array(query, { minLength: 1, maxLength: 8 }), async (resources, queries) => {
        const all = known(resources)
        await store(all)
        for (const { type, filters, sort } of queries) {
          const plan = planOf(type, sort === undefined ? filters : [...filters, ['_sort', sort]])
          const expected = all
            .filter((one) => one.type === type && search.matches(plan, { ...one, follow: followAmong(all) }))
            .map(({ id }) => id)
          const found = (await run<Row>(search.statement(plan))).map((row) => row.fhir_id ?? row.id)
          t.same(found.toSorted(), expected.toSorted(), JSON.stringify([type, filters, sort]))
          const [total] = await run<{ count: string }>(search.countStatement(plan))
          t.equal(Number(total?.count), expected.length)
        }
      }),
      { numRuns: 60 },
    ),
  )

  await t.test('beyond the window, and with more referrers than are looked up', async (t) => {
    const patients = Array.from({ length: 400 }, (_, n) => newId(at + n))
    const resources = [
      ...patients.map((id, n) => ({ id, resource: { resourceType: 'Patient', active: n >= 390 } })),
      ...patients.slice(250).flatMap((patient, n) =>
        Array.from({ length: n < 100 ? 28 : 2 }, (_, m) => ({
          id: newId(at + 1000 + n * 100 + m),
          resource: {
            resourceType: 'Observation',
            code: { coding: [{ code: m < 27 ? 'often' : 'rare' }] },
            subject: { reference: `Patient/${patient}` },
          },
        })),
      ),
    ]
    await store(known(resources))
    await client.query('analyze')
    const found = async (type: string, query: Parameter[]) => {
      const plan = planOf(type, query)
      const [total] = await run<{ count: string }>(search.countStatement(plan))
      return [(await run(search.statement(plan))).length, Number(total?.count)]
    }
    t.same(await found('Patient', [['_has:Observation:patient:code', 'often']]), [11, 150])
    t.same(await found('Patient', [['_has:Observation:patient:code', 'rare']]), [11, 100])
    t.same(
      await found('Patient', [
        ['_has:Observation:patient:code', 'often'],
        ['active', 'true'],
      ]),
      [10, 10],
    )
    t.same(await found('Observation', [['patient.active', 'true']]), [11, 20])
    t.same(
      await found('Observation', [
        ['patient.active', 'true'],
        ['code', 'rare'],
      ]),
      [0, 0],
    )
  })
})

t.test('chains that cannot be followed are refused', async (t) => {
  const refused = (type: string, name: string): string => {
    const { issues } = search.plan(type, [[name, '1']], options)
    return `${issues[0]?.code}`
  }
  t.equal(refused('Observation', 'code.identifier'), 'not-supported')
  t.equal(refused('Observation', 'subject:Medication.code'), 'value')
  t.equal(refused('Observation', 'subject:Patient.nothing'), 'not-supported')
  t.equal(refused('Observation', 'subject.nothing'), 'not-supported')
  t.equal(refused('Observation', 'subject.'), 'invalid')
  t.equal(refused('Patient', '_has'), 'invalid')
  t.equal(refused('Patient', '_has:Observation:patient'), 'invalid')
  t.equal(refused('Patient', '_has:Nothing:patient:code'), 'value')
  t.equal(refused('Patient', '_has:Observation:code:code'), 'not-supported')
  t.equal(refused('Medication', '_has:Observation:patient:code'), 'value')
  t.equal(refused('Provenance', `target${'.target'.repeat(12)}.recorded`), 'too-costly')
})
