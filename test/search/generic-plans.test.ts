/** One prepared plan serves a value that half of the table has and one that hardly anybody has: both look at little. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { typeNumber } from '../../src/fhir/resource-types.ts'
import { parameterNumber } from '../../src/search/hash.ts'
import { createSearch, hashToken, readQueryString } from '../../src/search/index.ts'
import { type ConnectionTarget, clientConfig } from '../../src/store/connection.ts'
import type { RowSecurity } from '../../src/store/roles.ts'
import { database } from '../support/postgres.ts'

const tenant = 1
const all = 40_000
const options = {
  tenant,
  base: 'http://example.com/fhir',
  at: 0,
  lenient: false,
  defaultCount: 20,
  maxCount: 50,
}
const search = createSearch(await loadDefinitions(undefined))

/** One in 2,000 Observations is rare, and so is one in 2,000 names; a sender has half of all. */
const fill = async (client: pg.Client): Promise<void> => {
  const hash = (token: string) => hashToken(tenant, token)
  const code = (text: string) => hash(`Observation.code|http://a|${text}`)
  const patient = (text: string) => hash(`Observation.patient|Patient/${text}`)
  await client.query(
    `insert into resource (tenant, type, id, version, last_updated, tokens, date_low, date_high)
     select $1, $2, gen_random_uuid(), 1, now(),
       array[0, case when n % 2000 = 7 then $3::bigint else $4::bigint end, -2,
         case when n % 2000 = 8 then $5::bigint else $6::bigint end, -4],
       timestamptz '2000-01-01' + n * interval '1 hour', timestamptz '2000-01-01' + (n + 1) * interval '1 hour'
     from generate_series(1, $7::int) n`,
    [
      tenant,
      typeNumber('Observation'),
      code('rare'),
      code('common'),
      patient('rare'),
      patient('common'),
      all,
    ],
  )
  await client.query(
    `with p as (
       insert into resource (tenant, type, id, version, last_updated, tokens)
       select $1, $2, gen_random_uuid(), 1, now(), '{0,-1,-2,-3,-4}' from generate_series(1, $3::int)
       returning id)
     insert into search_string (tenant, parameter, type, id, folded)
     select $1, $4, $2, id, case when row_number() over () % 2000 = 7 then 'rare' else 'common' end from p`,
    [tenant, typeNumber('Patient'), all, parameterNumber('Patient.name')],
  )
  // Every patient has a problem, one in 2,000 a rare one.
  await client.query(
    `insert into resource (tenant, type, id, version, last_updated, tokens)
     select $1, $2, gen_random_uuid(), 1, now(),
       array[0, case when row_number() over () % 2000 = 7 then $3::bigint else $4::bigint end, -2, reference_token($5::bigint, id), -4]
     from resource where type = $6`,
    [
      tenant,
      typeNumber('Condition'),
      hash('Condition.code|http://a|rare'),
      hash('Condition.code|http://a|common'),
      hash('Condition.patient|Patient/'),
      typeNumber('Patient'),
    ],
  )
  await client.query('vacuum analyze')
}

type Explained = { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number }

/** Pages of tables and indexes that each of the queries touches; their texts are the same. */
const touched = async (client: pg.Client, type: string, queries: readonly string[]): Promise<number[]> => {
  const statements = queries.map((query) =>
    search.statement(search.plan(type, readQueryString(query), options).plan),
  )
  const [first] = statements
  if (!first || statements.some(({ name }) => name !== first.name))
    throw new Error('the statements are not the same')
  await client.query(`prepare "${first.name}" as ${first.text}`)
  const counts: number[] = []
  for (const { name, values } of statements) {
    const literals = values.map((value) =>
      client.escapeLiteral(Array.isArray(value) ? `{${value.join(',')}}` : String(value)),
    )
    const text = `explain (analyze, buffers, format json) execute "${name}"(${literals.join(', ')})`
    const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Explained }] }>(text)
    const plan = rows[0]!['QUERY PLAN'][0].Plan
    counts.push(plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
  }
  return counts
}

const clientOf = async (
  t: Test,
  target: ConnectionTarget,
  scope: RowSecurity | 'all',
): Promise<pg.Client> => {
  const limits = { statementTimeout: 60_000, lockTimeout: 1000 }
  const client = new pg.Client(clientConfig(target, limits, scope))
  await client.connect()
  t.teardown(() => client.end())
  return client
}

t.test('with a database', async (t) => {
  const target = await database(t)
  await fill(await clientOf(t, target, 'all'))
  const client = await clientOf(t, target, 'roles')
  await client.query(`select set_config('lamplight.tenant', '1', false)`)
  t.match(await client.query('select current_user'), { rows: [{ current_user: 'lamplight_app' }] })

  const few = async (type: string, most: number, ...queries: string[]) => {
    for (const [n, count] of (await touched(client, type, queries)).entries())
      t.ok(count <= most, `${type}?${queries[n]}: ${count} pages`)
  }
  // A page of 21 rows, a descent of an index for each.
  await few('Observation', 300, 'code=http://a|rare&_sort=-date', 'code=http://a|common&_sort=-date')
  await few('Observation', 300, 'code=http://a|rare&_sort=date', 'code=http://a|common&_sort=date')
  await few('Patient', 400, 'name=rare', 'name=common')
  await few('Patient', 400, 'name:contains=rar', 'name:contains=omm')
  await few(
    'Patient',
    1000,
    '_has:Condition:patient:code=http://a|rare',
    '_has:Condition:patient:code=http://a|common',
  )
  // The first rows in order are looked at before the index of tokens is asked.
  await few('Observation', 3000, 'code=http://a|rare', 'code=http://a|common', 'code=http://a|absent')
})
