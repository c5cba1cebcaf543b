/** What one process is told about definitions, the others learn; none writes index rows that lack a new parameter. */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createLog } from '../../../src/base/log.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { noCanonicals } from '../../../src/fhir/definitions/posted.ts'
import { createPosted, createRest, createRowsOf, watchDefinitions } from '../../../src/rest/index.ts'
import {
  createDatabase,
  createDefinitionSource,
  createStore,
  keepBuilding,
  listen,
} from '../../../src/store/index.ts'
import { createStructure } from '../../../src/validation/structure.ts'
import { database } from '../../support/postgres.ts'
import { base, create, ctx, refusal, resourceOf, search, update } from '../../support/rest.ts'

const definitions = await loadDefinitions(undefined)
const log = createLog('silent')

/** All that a process has, without HTTP. A deaf one hears nothing of others and never looks. */
const open = (t: Test, target: Awaited<ReturnType<typeof database>>, deaf = false) => {
  const db = createDatabase({ target, security: 'roles', lines: 2, pool: 6, statementTimeout: 30_000, log })
  const store = createStore(db, 'checked')
  const source = createDefinitionSource(db)
  const posted = createPosted({ definitions, canonicals: noCanonicals, search, store, source }, log)
  const rest = createRest({
    posted,
    canonicals: noCanonicals,
    definitions,
    search,
    structure: createStructure(definitions),
    store,
    operations: [],
    version: '0.0.0',
    cors: false,
    authorization: 'off',
    options: {
      updateAsCreate: true,
      maxEntries: 100,
      defaultCount: 1000,
      maxCount: 1000,
      maxIncludes: 1000,
      maxPageBytes: 32 * 1024 ** 2,
      maxCost: 1_000_000,
      maxDepth: 100,
    },
  })
  const stops: (() => Promise<void>)[] = []
  if (!deaf) {
    const builder = keepBuilding(
      store.builds,
      createRowsOf({ search, posted }, () => base, 100),
      log,
    )
    stops.push(
      builder.stop,
      watchDefinitions(posted, (heard) => listen(target, heard, log), builder.wake, log),
    )
  }
  t.teardown(async () => {
    await Promise.all(stops.map((stop) => stop()))
    await db.close()
  })
  return {
    db,
    posted,
    perform: (request: Parameters<typeof rest.perform>[1]) => rest.perform(ctx(), request),
  }
}

type House = ReturnType<typeof open>

const find = (query: string) => ({
  interaction: 'search-type' as const,
  type: 'Patient',
  query: [...new URLSearchParams(query)],
})

const parameter = (expression: string, more: object = {}) => ({
  url: 'http://example.org/SearchParameter/own',
  name: 'own',
  status: 'active',
  description: 'own',
  code: 'own',
  base: ['Patient'],
  type: 'token',
  expression,
  ...more,
})

/** Asks until it is answered with 200. */
const eventually = async ({ perform }: House, query: string): Promise<string[]> => {
  for (let n = 0; n < 2000; n++) {
    try {
      const bundle = resourceOf(await perform(find(query)))
      return (bundle.entry ?? []).map((one: { resource: { id: string } }) => one.resource.id).sort()
    } catch {
      await sleep(10)
    }
  }
  throw new Error('it was never answered')
}

t.test('another process learns of it', async (t) => {
  const target = await database(t)
  const [a, b] = [open(t, target), open(t, target)]
  await b.perform(update('Patient', 'p', { gender: 'male' }))
  await a.perform(update('SearchParameter', 's', parameter('Patient.gender')))
  t.same(await eventually(b, 'own=male'), ['p'])
  t.same(await eventually(a, 'own=male'), ['p'])
  const { canonicals } = await b.posted.of(1)
  t.equal(canonicals.resolve('SearchParameter', parameter('').url)?.expression, 'Patient.gender')
  const vs = { url: 'http://example.org/ValueSet/v', status: 'active', version: '1' }
  await a.perform(update('ValueSet', 'v', vs))
  for (let n = 0; n < 500 && !b.posted.loaded(1)?.canonicals.resolve('ValueSet', vs.url); n++) await sleep(10)
  const now = b.posted.loaded(1)!.canonicals
  t.equal(now.resolve('ValueSet', `${vs.url}|1`)?.id, 'v')
  t.equal(
    now.resolve('SearchParameter', parameter('').url),
    canonicals.resolve('SearchParameter', parameter('').url),
    'the same object',
  )
  t.ok(now.generation > canonicals.generation)
})

t.test('a process that has heard of nothing writes the rows all the same', async (t) => {
  const target = await database(t)
  const [a, deaf] = [open(t, target), open(t, target, true)]
  await deaf.perform(update('Patient', 'early', { gender: 'male' }))
  await a.perform(update('SearchParameter', 's', parameter('Patient.gender')))
  t.equal((await refusal(deaf.perform(find('own=male')))).status, 400, 'it does not know it')
  await deaf.perform(update('Patient', 'late', { gender: 'male' }))
  t.same(await eventually(a, 'own=male'), ['early', 'late'])
  await a.perform(update('SearchParameter', 's', parameter('Patient.maritalStatus')))
  await deaf.perform({
    interaction: 'transaction',
    query: [],
    body: {
      text: JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            request: { method: 'PUT', url: 'Patient/whole' },
            resource: { resourceType: 'Patient', id: 'whole', maritalStatus: { coding: [{ code: 'M' }] } },
          },
        ],
      }),
    },
  })
  t.same(await eventually(a, 'own=M'), ['whole'])
})

t.test('while everybody writes, nothing is missed', async (t) => {
  const target = await database(t)
  const houses = [open(t, target), open(t, target), open(t, target, true)]
  const [a, b] = houses as [House, House, House]
  let writing = true
  let written = 0
  const writers = houses.map(async ({ perform }) => {
    while (writing) {
      await perform(create('Patient', { gender: 'male' }))
      written++
    }
  })
  for (let n = 0; n < 2000 && written < 200; n++) await sleep(5)
  await a.perform(update('SearchParameter', 's', parameter('Patient.gender')))
  await b.perform(update('SearchParameter', 's', parameter('Patient.gender', { status: 'retired' })))
  await b.perform(update('SearchParameter', 's', parameter('Patient.gender')))
  const until = written + 200
  for (let n = 0; n < 2000 && written < until; n++) await sleep(5)
  writing = false
  await Promise.all(writers)
  await eventually(a, 'own=male&_summary=count')
  const total = async (house: House, query: string) =>
    resourceOf(await house.perform(find(`${query}&_summary=count`))).total
  t.equal(await total(a, 'own=male'), written)
  t.equal(await total(a, 'own:missing=true'), 0)
})

t.test('a transaction that posts a parameter and resources that it is about', async (t) => {
  const target = await database(t)
  const a = open(t, target)
  const entry = (type: string, id: string, resource: object) => ({
    request: { method: 'PUT', url: `${type}/${id}` },
    resource: { resourceType: type, id, ...resource },
  })
  await a.perform({
    interaction: 'transaction',
    query: [],
    body: {
      text: JSON.stringify({
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          entry('SearchParameter', 's', parameter('Patient.gender')),
          entry('Patient', 'p', { gender: 'female' }),
        ],
      }),
    },
  })
  t.same(await eventually(a, 'own=female'), ['p'])
})
