/**
 * What the wall between tenants costs: the same statements with and without it, in turns, on one PostgreSQL. Measured is
 * the processor time of the database's process (Linux), so that others on the machine do not count.
 */
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { typeNumber } from '../../src/fhir/resource-types.ts'
import { parameterNumber } from '../../src/search/hash.ts'
import { createSearch, hashToken, readQueryString } from '../../src/search/index.ts'
import { clientConfig } from '../../src/store/connection.ts'
import { runAlone, startTestCluster, template } from '../support/cluster.ts'

const all = Number(process.argv[2] ?? 100_000)
const tenant = 1
const content = JSON.stringify({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x'.repeat(600) },
})
const hash = (token: string): string => hashToken(tenant, token)

const fill = async (client: pg.Client): Promise<void> => {
  await client.query(
    `with r as (
       insert into resource (tenant, type, id, version, last_updated, tokens, date_low, date_high)
       select $1, $2, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 1, now(),
         array[0, case when n % 2000 = 7 then $3::bigint else $4::bigint end, -2,
           $5::bigint + n % 1000, -4],
         timestamptz '2000-01-01' + n * interval '1 hour', timestamptz '2000-01-01' + (n + 1) * interval '1 hour'
       from generate_series(1, $6::int) n returning *),
     d as (
       insert into search_date (tenant, parameter, type, id, low, high)
       select tenant, $7, type, id, date_low, date_high from r)
     insert into resource_version (tenant, type, id, version, last_updated, method, content)
     select tenant, type, id, 1, last_updated, 'C', $8 from r`,
    [
      tenant,
      typeNumber('Observation'),
      hash('Observation.code|http://a|rare'),
      hash('Observation.code|http://a|common'),
      hash('Observation.patient|Patient/0'),
      all,
      parameterNumber('Observation.date'),
      content,
    ],
  )
  await client.query(
    `with p as (
       insert into resource (tenant, type, id, version, last_updated, tokens)
       select $1, $2, gen_random_uuid(), 1, now(), '{0,-1,-2,-3,-4}' from generate_series(1, $3::int)
       returning *),
     s as (
       insert into search_string (tenant, parameter, type, id, folded)
       select tenant, $4, type, id, 'name' || row_number() over () % 5000 from p)
     insert into resource_version (tenant, type, id, version, last_updated, method, content)
     select tenant, type, id, 1, last_updated, 'C', $5 from p`,
    [tenant, typeNumber('Patient'), all / 5, parameterNumber('Patient.name'), content],
  )
  await client.query('vacuum analyze')
}

const search = createSearch(await loadDefinitions(undefined))
const options = { tenant, base: 'http://e.com/fhir', at: 0, lenient: false, defaultCount: 20, maxCount: 50 }

type Named = {
  readonly what: string
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

const found = (type: string, query: string, counted = false): Named => {
  const { plan } = search.plan(type, readQueryString(query), options)
  const { text, values } = counted ? search.countStatement(plan) : search.statement(plan)
  const what = `${counted ? 'count of ' : ''}${type}?${query}`
  return { what, name: what.slice(0, 60), text, values: [...values] }
}

const id = '00000000-0000-7000-8000-000000000100'
const read = `select version, last_updated, method, content from resource_version
  where tenant = $1 and type = $2 and id = $3 order by version desc limit 1`
const write = `with row as (
    insert into resource (tenant, type, id, version, last_updated, tokens)
    values ($1, $2::smallint, gen_random_uuid(), 1, now(), '{1,2,3}') returning *)
  insert into resource_version (tenant, type, id, version, last_updated, method, content)
  select tenant, type, id, 1, last_updated, 'C', $3::text from row`

const statements: readonly Named[] = [
  { what: 'read', name: 'read', text: read, values: [tenant, typeNumber('Observation'), id] },
  { what: 'create', name: 'create', text: write, values: [tenant, typeNumber('Basic'), content] },
  found('Observation', 'code=http://a|rare'),
  found('Observation', 'code=http://a|common&_sort=-date'),
  found('Observation', 'date=ge2001-01-01&date=lt2001-02-01'),
  found('Observation', 'code=http://a|common', true),
  found('Patient', 'name=name77'),
  found('Patient', 'name:contains=ame4321'),
]

const cluster = await startTestCluster()
const target = { ...cluster.connection, database: template }
const limits = { statementTimeout: 60_000, lockTimeout: 1000 }
const open = async (scope: 'all' | 'roles'): Promise<pg.Client> => {
  const client = new pg.Client(clientConfig(target, limits, scope))
  await client.connect()
  return client
}
const filler = await open('all')
await fill(filler)
await filler.end()
const clients = { without: await open('all'), with: await open('roles') }
await clients.with.query(`select set_config('lamplight.tenant', '1', false)`)

const processes = {
  without: (await clients.without.query('select pg_backend_pid() as pid')).rows[0].pid,
  with: (await clients.with.query('select pg_backend_pid() as pid')).rows[0].pid,
}
/** In µs. */
const spent = (way: 'without' | 'with'): number =>
  Number(readFileSync(`/proc/${processes[way]}/schedstat`, 'utf8').split(' ')[0]) / 1000

const rounds = 15
/** Statements follow each other without waiting, as on the lines of the server. */
const together = 20
const batches = (what: string): number => (what.startsWith('count') ? 1 : 15)
const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

process.stdout.write('| statement | without, µs | with, µs | difference |\n|---|---:|---:|---:|\n')
for (const { what, name, text, values } of statements) {
  const times = { without: [] as number[], with: [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const way of ['without', 'with'] as const) {
      const start = spent(way)
      for (let n = 0; n < batches(what); n++)
        await Promise.all(Array.from({ length: together }, () => clients[way].query({ name, text, values })))
      times[way].push((spent(way) - start) / (batches(what) * together))
    }
  const [off, on] = [middle(times.without.slice(2)), middle(times.with.slice(2))]
  const share = `${on >= off ? '+' : ''}${((100 * (on - off)) / off).toFixed(1)} %`
  process.stdout.write(`| ${what} | ${off.toFixed(1)} | ${on.toFixed(1)} | ${share} |\n`)
}
await Promise.all(Object.values(clients).map((client) => client.end()))
await runAlone(cluster.connection, 'checkpoint')
await cluster.stop()
