import t, { type Test } from 'tap'
import { newId } from '../../src/base/id.ts'
import { seal } from '../../src/fhir/json/stamp.ts'
import { changesStatement } from '../../src/store/history.ts'
import type { Database } from '../../src/store/index.ts'
import { openDatabase, openStore, writeOf } from '../support/store.ts'

const hour = 3_600_000

t.test('the changes of a type tell of its resources, and of no others', async (t) => {
  const { store, database } = await openStore(t, 'off')
  const changes = async (type: string, since = Date.now() - hour): Promise<string> => {
    const [row] = await database.query<{ changes: string }>(changesStatement(1, type, since))
    return row!.changes
  }
  const create = (type: string) => {
    const at = Date.now()
    const write = writeOf(type, newId(at), `{"resourceType":"${type}"}`, at)
    return store.create(1, write, seal(write.content, 1, new Date(at).toISOString()))
  }
  t.equal(await changes('Consent'), '0')
  await create('Observation')
  t.equal(await changes('Consent'), '0')
  await create('Consent')
  const one = await changes('Consent')
  t.not(one, '0')
  t.equal(await changes('Consent'), one)
  await create('Patient')
  t.equal(await changes('Consent'), one)
  t.match(await changes('Consent', Date.now() + hour), / 0$/, 'the newest is told, recent or not')
  await create('Consent')
  t.not(await changes('Consent'), one)
})

/** Which indexes a prepared plan goes through. */
const indexes = async (t: Test, database: Database): Promise<readonly string[]> => {
  const { text, tenant, values } = changesStatement(1, 'Consent', Date.now())
  const names = new Set<string>()
  t.equal(values.length, 3)
  const explain = { name: '', tenant, text: `explain (generic_plan, format json) ${text}`, values: [] }
  const [row] = await database.query<Record<'QUERY PLAN', unknown>>(explain)
  for (const [, name] of JSON.stringify(row).matchAll(/"Index Name":"(\w+)"/g)) names.add(name!)
  return [...names]
}

t.test('they are found by type, whatever the planner knew when it made its plan', async (t) => {
  const { target, database } = await openStore(t)
  t.strictSame(await indexes(t, database), ['resource_version_type'], 'without resources')
  const owner = await openDatabase(t, 'owner', target)
  const fill = `insert into resource_version (tenant, type, id, version, last_updated, method, content, json)
    select 1, 96, gen_random_uuid(), 1, now() - make_interval(secs => n), 'C', '{}', '{}' from generate_series(1, 3000) n`
  await owner.query({ name: '', tenant: null, text: fill, values: [] })
  await owner.query({ name: '', tenant: null, text: 'analyze resource_version', values: [] })
  t.strictSame(await indexes(t, database), ['resource_version_type'], 'with resources of one other type')
})
