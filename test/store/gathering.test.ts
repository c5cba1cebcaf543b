import t from 'tap'
import { newId } from '../../src/base/id.ts'
import { seal } from '../../src/fhir/json/stamp.ts'
import type { Store, Write, WriteResult } from '../../src/store/index.ts'
import { hashes } from '../support/hashes.ts'
import { openDatabase, openStore, writeOf } from '../support/store.ts'

const at = Date.parse('2026-01-02T03:04:05.678Z')

const newWrite = (text: string, more: Partial<Write> = {}): Write =>
  writeOf('Patient', newId(at), text, at, more)

const patient = (family: string): string => JSON.stringify({ resourceType: 'Patient', name: [{ family }] })
const whole = ({ content }: Write): string => seal(content, 1, new Date(at).toISOString())
const create = (store: Store, write: Write): Promise<WriteResult> => store.create(1, write, whole(write))

const done: WriteResult = { written: { version: 1, lastUpdated: at, created: true }, missing: [] }

const quantities = {
  quantities: {
    parameter: [7],
    code: ['0'],
    coded: ['0'],
    low: [1.5],
    high: [1.5],
    canonicalLow: [null],
    canonicalHigh: [null],
    systemUnit: [null],
    codeUnit: ['-9'],
    nameUnit: [null],
  },
}
const strings = { strings: { parameter: [5], folded: ['müller'], rest: [null], exact: ['Müller'] } }
const date = { date: { low: '2026-01-01T00:00:00.000Z', high: '2026-01-02T00:00:00.000Z' } }

t.test('what is created at the same time is stored as what is created alone', async (t) => {
  const { store, target } = await openStore(t)
  const rows = [undefined, quantities, strings, date, { ...quantities, ...strings, ...date }]
  const tokensOf = (n: number): string[] => (n % 7 === 0 ? [] : ['1', `-${n}`])
  const writes = Array.from({ length: 120 }, (_, n) => {
    const one = rows[n % rows.length]
    const tokens = hashes(...tokensOf(n))
    return newWrite(patient(`Ünï "${n}" \\ 😀`), { tokens, ...(one ? { rows: one } : {}) })
  })
  const results = await Promise.all(writes.map((write) => create(store, write)))
  t.same(
    results,
    writes.map(() => done),
  )
  const owner = await openDatabase(t, 'owner', target)
  const stored = await owner.query<{ id: string; of: unknown }>({
    name: '',
    tenant: null,
    text: `select r.id, json_build_array(r.version, v.method, v.content, v.json, r.tokens::text, r.date_low is not null,
        (select count(*) from search_quantity q where q.id = r.id and q.code_unit = -9 and q.low = 1.5),
        (select min(s.folded || s.exact) from search_string s where s.id = r.id), v.last_updated = r.last_updated) as of
      from resource r join resource_version v using (tenant, type, id, version)`,
    values: [],
  })
  const byId = new Map(stored.map(({ id, of }) => [id, of]))
  for (const [n, write] of writes.entries()) {
    const text = whole(write)
    const has = write.rows
    t.same(byId.get(write.id), [
      1,
      'C',
      text,
      JSON.parse(text),
      `{${tokensOf(n).join(',')}}`,
      has?.date !== undefined,
      has?.quantities ? 1 : 0,
      has?.strings ? 'müllerMüller' : null,
      true,
    ])
  }
})

t.test('a reference that points at nothing is the matter of its own resource', async (t) => {
  const { store } = await openStore(t)
  const there = newWrite(patient('A'))
  await create(store, there)
  const missing = { type: 'Patient', id: 'nobody' }
  const writes = Array.from({ length: 30 }, (_, n) =>
    newWrite(patient('B'), {
      references:
        n === 11 ? [{ type: 'Patient', id: there.id }, missing] : [{ type: 'Patient', id: there.id }],
      rows: quantities,
    }),
  )
  const results = await Promise.all(writes.map((write) => create(store, write)))
  t.same(
    results,
    writes.map((_, n) => (n === 11 ? { missing: [missing] } : done)),
  )
  for (const [n, write] of writes.entries())
    t.equal((await store.current(1, write)) === undefined, n === 11, 'stored unless refused')
})

t.test('content that cannot be stored is refused alone', async (t) => {
  const { store } = await openStore(t)
  const large = `{"resourceType":"Patient","x":1e400000}`
  const writes = Array.from({ length: 20 }, (_, n) => newWrite(n === 5 ? large : patient('C')))
  const results = await Promise.allSettled(writes.map((write) => create(store, write)))
  t.same(
    results.map(({ status }) => status),
    writes.map((_, n) => (n === 5 ? 'rejected' : 'fulfilled')),
  )
  t.match(results[5], { reason: { status: 422 } })
})

t.test('tenants do not share a statement', async (t) => {
  const { store } = await openStore(t)
  const writes = Array.from({ length: 20 }, () => newWrite(patient('D')))
  await Promise.all(writes.map((write, n) => store.create(1 + (n % 2), write, whole(write))))
  for (const [n, write] of writes.entries()) {
    t.ok(await store.current(1 + (n % 2), write))
    t.notOk(await store.current(2 - (n % 2), write))
  }
})
