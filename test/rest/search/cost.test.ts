/** What searches cost: explained, estimated, refused, and stopped when nobody waits. */
import t from 'tap'
import type { Request } from '../../../src/rest/index.ts'
import { ctx, openRest, refusal, resourceOf, transaction } from '../../support/rest.ts'
import { openDatabase } from '../../support/store.ts'

const ground = ['1', '2', '3'].map((id) => ({
  resource: { resourceType: 'Patient', id, active: id !== '1' },
  request: { method: 'PUT', url: `Patient/${id}` },
}))

const ask = (query: string): Request => ({
  interaction: 'search-type',
  type: 'Patient',
  query: [...new URLSearchParams(query)],
})

t.test('_explain tells plan, SQL, indexes and estimate', async (t) => {
  const { perform } = await openRest(t)
  await perform(transaction(ground))
  for (const query of ['active=true', 'active=true&_summary=count', 'organization.active=true', '_id=1']) {
    const { resourceType, parameter } = resourceOf(await perform(ask(`${query}&_explain=true`)))
    t.equal(resourceType, 'Parameters')
    const names = parameter.map(({ name }: { name: string }) => name)
    for (const name of ['plan', 'sql', 'explain', 'index', 'estimate', 'cost'])
      t.ok(names.includes(name), `${query} ${name}`)
  }
  t.equal(resourceOf(await perform(ask('active=true&_explain=false'))).resourceType, 'Bundle')
  t.equal((await refusal(perform(ask('_explain=maybe')))).status, 400)
})

t.test('few matches are counted where an estimate would do', async (t) => {
  const { perform } = await openRest(t)
  await perform(transaction(ground))
  t.equal(resourceOf(await perform(ask('active=true&_total=estimate'))).total, 2)
})

t.test('a search that no index leads is refused above the limit', async (t) => {
  const { perform } = await openRest(t, { maxCost: 1 })
  await perform(transaction(ground))
  const { status, issues } = await refusal(perform(ask('active:not=true')))
  t.equal(status, 403)
  t.match(issues[0]?.diagnostics, /Add a parameter/)
  t.equal(issues[0]?.code, 'too-costly')
  t.equal((await perform(ask('active=true'))).status, 200)
  t.equal((await perform(ask(''))).status, 200)
})

t.test('a statement stops when whoever asked is gone', async (t) => {
  const database = await openDatabase(t)
  const gone = new AbortController()
  const sleep = { name: '', text: 'select pg_sleep(20)', tenant: null, values: [] }
  const running = database.query(sleep, { ...ctx(), signal: gone.signal })
  setTimeout(() => gone.abort(), 150)
  t.match(await refusal(running), { status: 503 })
  t.same(await database.query({ name: '', text: 'select 1 as one', tenant: '*', values: [] }, ctx()), [
    { one: 1 },
  ])
})
