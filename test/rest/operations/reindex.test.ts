/** $reindex builds everything anew in the background, says how far it is, and goes on where it stopped. */
import t from 'tap'
import { createRowsOf } from '../../../src/rest/index.ts'
import { createStore, type Database } from '../../../src/store/index.ts'
import { base, search as common, openRest, refusal, resourceOf, update } from '../../support/rest.ts'

const call = (code: string, more: object = {}) => ({
  interaction: 'operation' as const,
  operation: code,
  posted: code === 'reindex',
  query: [],
  ...more,
})

const find = (query: string) => ({
  interaction: 'search-type' as const,
  type: 'Patient',
  query: [...new URLSearchParams(query)],
})

const sql = <R>(database: Database, text: string): Promise<R[]> =>
  database.query<R>({ name: '', text, tenant: '*', values: [] })

/** The values of a Parameters resource by name. */
const values = (reply: Parameters<typeof resourceOf>[0]): Record<string, unknown> =>
  Object.fromEntries(
    resourceOf(reply).parameter.map(({ name, ...value }: { name: string }) => [
      name,
      Object.values(value)[0],
    ]),
  )

t.test('of everything, of a type, of one resource', async (t) => {
  const { perform, database, posted } = await openRest(t)
  const { builds } = createStore(database, 'off')
  const rowsOf = createRowsOf({ search: common, posted }, () => base, 100)
  const total = async (query: string) => resourceOf(await perform(find(`${query}&_summary=count`))).total
  for (let n = 0; n < 450; n++)
    await perform(update('Patient', `p${n}`, { name: [{ family: `Fam${n}` }], birthDate: '2000-01-01' }))
  await perform(
    update('Observation', 'o', {
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/p1' },
    }),
  )
  const dump = () =>
    sql(
      database,
      `select type, id, tokens::text, date_low, (select count(*) from search_string s where s.id = r.id)
      from resource r order by type, id`,
    )
  const before = await dump()
  t.equal((await refusal(perform(call('reindex-status')))).status, 404, 'nobody has asked')
  await sql(database, "update resource set tokens = '{1,2}', date_low = null")
  await sql(database, 'delete from search_string')
  t.equal(await total('family=fam7'), 0, 'a broken index')
  t.match(values(await perform(call('reindex'))), { status: 'in-progress', done: 0, total: 451 })
  t.equal(await builds.step(rowsOf), 'more')
  t.match(values(await perform(call('reindex'))), { status: 'in-progress', done: 200 }, 'asking again')
  t.equal(await total('_id=p1'), 1, 'searches go on')
  await perform(update('Patient', 'p1', { name: [{ family: 'Other' }] }))
  // Another process goes on where this one stopped.
  const other = createStore(database, 'off').builds
  while ((await other.step(rowsOf)) === 'more');
  const done = values(await perform(call('reindex-status')))
  t.match(done, { status: 'completed', done: 451, checksum: /^-?\d+$/ })
  t.ok(Number(done.rows) > 451)
  t.equal(await total('family=fam7'), 11)
  t.equal(await total('family=other'), 1)
  t.equal(await total('birthdate=2000-01-01'), 449)
  await perform(update('Patient', 'p1', { name: [{ family: 'Fam1' }], birthDate: '2000-01-01' }))
  t.same(await dump(), before)

  await sql(database, "update resource set tokens = '{}'")
  t.match(values(await perform(call('reindex', { type: 'Observation' }))), {
    status: 'in-progress',
    total: 1,
  })
  while ((await builds.step(rowsOf)) === 'more');
  t.match(values(await perform(call('reindex-status', { type: 'Observation' }))), {
    status: 'completed',
    done: 1,
  })
  t.match(values(await perform(call('reindex', { type: 'Patient', id: 'p7' }))), {
    status: 'completed',
    done: 1,
  })
  t.equal(await total('family:missing=false'), 1)
  t.equal((await refusal(perform(call('reindex', { type: 'Patient', id: 'none' })))).status, 404)
  const wrong = await refusal(perform({ ...call('reindex'), posted: false }))
  t.equal(wrong.status, 405, 'not by GET')
})
