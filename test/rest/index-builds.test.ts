/** What an earlier version stored is searched only when its index rows are there; they are built while others write. */
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createRowsOf, type PostedDefinitions } from '../../src/rest/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { createStore, type Database } from '../../src/store/index.ts'
import { base, create, openRest, refusal, resourceOf, update } from '../support/rest.ts'

const common = createSearch(await loadDefinitions(undefined))
const rowsWith = (posted: PostedDefinitions) => createRowsOf({ search: common, posted }, () => base, 100)

const search = (query: string) => ({
  interaction: 'search-type' as const,
  type: 'Patient',
  query: [...new URLSearchParams(query)],
})

const patient = (family: string) => ({ name: [{ family }], birthDate: '2000-01-01' })

/** As if an earlier version had written everything. */
const forget = async (database: Database): Promise<void> => {
  for (const text of [
    'with s as (delete from search_string), d as (delete from search_date) delete from search_quantity',
    'update resource set date_low = null, date_high = null, tokens = tokens[2:]',
    'update index_build set finished_at = null, total = (select count(*) from resource)',
  ])
    await database.query({ name: '', text, tenant: '*', values: [] })
}

const doneOf = async (database: Database): Promise<number | undefined> => {
  const text = 'select done::int as done from index_build'
  const [row] = await database.query<{ done: number }>({ name: '', text, tenant: '*', values: [] })
  return row?.done
}

t.test('searches are refused until all rows are built', async (t) => {
  const { perform, database, posted } = await openRest(t)
  const { builds } = createStore(database, 'off')
  const rowsOf = rowsWith(posted)
  for (let n = 0; n < 250; n++) await perform(create('Patient', patient(`F${n}`)))
  await forget(database)
  const found = async (query: string) => resourceOf(await perform(search(query))).entry?.length ?? 0
  t.equal((await refusal(perform(search('family=f7')))).status, 503)
  t.equal((await refusal(perform(search('_sort=birthdate')))).status, 503)
  t.equal(
    (await refusal(perform(create('Patient', {}, { ifNoneExist: 'family=f7' })))).status,
    503,
    'conditions too',
  )
  t.equal(await found('_count=5'), 5)
  t.equal(await found('identifier=1'), 0, 'what every version wrote in the same way')
  t.equal(await builds.step(rowsOf), 'more')
  const { issues } = await refusal(perform(search('birthdate=2000')))
  t.match(issues[0]?.diagnostics, /80 % \(200 of about 250 resources\)/)
  t.equal(await builds.step(rowsOf), 'more')
  t.equal(await builds.step(rowsOf), 'more', 'nothing is left')
  t.equal(await builds.step(rowsOf), 'finished')
  t.equal(await found('family:exact=F7'), 1)
  t.equal(await found('birthdate=2000&_count=1000'), 250)
  t.equal(await found('family:missing=true'), 0)
})

t.test('a build of some types refuses searches that need their rows, and no others', async (t) => {
  const { perform, database, posted } = await openRest(t)
  const { builds } = createStore(database, 'off')
  const rowsOf = rowsWith(posted)
  await perform(update('Practitioner', 'd', { name: [{ family: 'Doc' }] }))
  for (let n = 0; n < 12; n++) {
    await perform(
      update('Patient', `p${n}`, {
        ...patient(`F${n}`),
        generalPractitioner: [{ reference: 'Practitioner/d' }],
      }),
    )
    await perform(update('Basic', `b${n}`, { code: { text: 'x' }, subject: { reference: `Patient/p${n}` } }))
  }
  await forget(database)
  const [{ type } = { type: 0 }] = await database.query<{ type: number }>({
    name: '',
    text: `update index_build set types = (select array_agg(type) from resource_type where name = 'Patient') returning types[1] as type`,
    tenant: '*',
    values: [],
  })
  t.not(type, 0)
  const asked = (type: string, query: string) => perform({ ...search(query), type })
  const { issues, status } = await refusal(asked('Patient', 'family=f7'))
  t.equal(status, 503)
  t.match(issues[0]?.diagnostics, 'those of other types than Patient.')
  t.equal((await refusal(asked('Basic', 'subject:Patient.family=f7'))).status, 503, 'at the end of a link')
  t.equal((await refusal(asked('Practitioner', '_has:Patient:general-practitioner:family=f7'))).status, 503)
  t.equal((await asked('Basic', 'author=Practitioner/d')).status, 200)
  t.equal((await asked('Practitioner', 'family=doc')).status, 200)
  while ((await builds.step(rowsOf)) === 'more');
  t.equal(resourceOf(await asked('Patient', 'family:exact=F7')).entry?.length, 1)
  t.equal(await doneOf(database), 12, 'only those were visited')
})

t.test('resources that are written in the meantime keep the rows of their last version', async (t) => {
  const { perform, database, posted } = await openRest(t)
  const { builds } = createStore(database, 'off')
  const rowsOf = rowsWith(posted)
  const ids = Array.from({ length: 60 }, (_, n) => `p${n}`)
  for (const id of ids) await perform(update('Patient', id, patient(`old-${id}`)))
  await forget(database)
  const writing = ids.map((id) => perform(update('Patient', id, patient(`new-${id}`))))
  const [first] = await Promise.all([builds.step(rowsOf), ...writing])
  t.equal(first, 'more')
  t.equal(await builds.step(rowsOf), 'more')
  t.equal(await builds.step(rowsOf), 'finished')
  const families = await database.query<{ exact: string }>({
    name: '',
    text: "select distinct exact from search_string where exact like '%-p%' order by 1",
    tenant: '*',
    values: [],
  })
  t.same(
    families.map(({ exact }) => exact),
    [],
  )
  const total = async (query: string) => resourceOf(await perform(search(`${query}&_summary=count`))).total
  t.equal(await total('family=new-'), 60)
  t.equal(await total('family=old-'), 0)
})

t.test('updates of one resource at the same time leave the rows of the last one only', async (t) => {
  const { perform, database } = await openRest(t)
  await perform(update('Patient', 'a', patient('start')))
  const names = Array.from({ length: 20 }, (_, n) => `n${n}`)
  await Promise.all(names.map((name) => perform(update('Patient', 'a', patient(name)))))
  const rows = await database.query<{ parameter: number }>({
    name: '',
    text: 'select parameter from search_string',
    tenant: '*',
    values: [],
  })
  t.equal(rows.length, new Set(rows.map(({ parameter }) => parameter)).size)
})
