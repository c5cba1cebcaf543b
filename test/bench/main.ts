/** `npm run bench`: how near each interaction comes to the limit of the same machine, measured in the same run. */

import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import pg from 'pg'
import { newId } from '../../src/base/id.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { seal, stamp } from '../../src/fhir/json/stamp.ts'
import { typeNumber } from '../../src/fhir/resource-types.ts'
import { createSearch, hashTokens } from '../../src/search/index.ts'
import { createStatement, deleteStatement, updateStatement } from '../../src/store/write.ts'
import { tokenOf } from '../support/server.ts'
import { urlOf } from '../support/url.ts'
import { type BenchData, benchData } from './data.ts'
import { diskOf } from './disk.ts'
import { startBareServer, startGround, startServer } from './ground.ts'
import { type LoadRequest, type LoadResult, load } from './load.ts'
import { writeLimit } from './pgbench.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 6)
const connections = 8
const workers = availableParallelism()

type Line = {
  readonly what: string
  readonly result: LoadResult
  readonly unit?: number
  readonly limit?: number
  readonly by?: string
}

const expectOk = (what: string, { statuses }: LoadResult): void => {
  const bad = [...statuses].filter(([status]) => status >= 400)
  if (bad.length > 0)
    throw new Error(`${what} was answered with ${bad.map(([s, n]) => `${s} (${n} times)`).join(', ')}`)
}

const path = '/fhir'
const get = (what: string): LoadRequest => ({ method: 'GET', path: `${path}/${what}` })
const send = (method: string, what: string, body: string): LoadRequest => ({
  method,
  path: what === '' ? path : `${path}/${what}`,
  body,
  headers: 'Prefer: return=minimal\r\n',
})

/** Takes the list's items in turn, for ever. */
const cycle = <T>(items: readonly T[]): (() => T) => {
  let n = 0
  return () => items[n++ % items.length]!
}

/** Takes each item once. */
const once = <T>(items: readonly T[]): (() => T | undefined) => {
  let n = 0
  return () => items[n++]
}

const observation = (n: number): object => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/observation-category',
          code: 'vital-signs',
          display: 'Vital signs',
        },
      ],
    },
  ],
  code: {
    coding: [{ system: 'http://loinc.org', code: '85354-9', display: 'Blood pressure panel' }],
    text: 'Blood pressure',
  },
  subject: { reference: 'Patient/bench' },
  effectiveDateTime: '2026-01-02T03:04:05.000+00:00',
  issued: '2026-01-02T03:04:05.678+00:00',
  component: [
    {
      code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] },
      valueQuantity: {
        value: 100 + (n % 60),
        unit: 'mmHg',
        system: 'http://unitsofmeasure.org',
        code: 'mm[Hg]',
      },
    },
    {
      code: { coding: [{ system: 'http://loinc.org', code: '8462-4', display: 'Diastolic blood pressure' }] },
      valueQuantity: {
        value: 60 + (n % 40),
        unit: 'mmHg',
        system: 'http://unitsofmeasure.org',
        code: 'mm[Hg]',
      },
    },
  ],
})

const observationText = (n: number): string => JSON.stringify(observation(n))

const main = async (): Promise<void> => {
  const data = benchData()
  const ground = await startGround()
  const lines: Line[] = []
  try {
    const report = await measure(ground.connection, data, lines)
    process.stdout.write(`\n${report}`)
    writeFileSync(new URL('./results.md', import.meta.url), report)
  } finally {
    await ground.stop()
  }
}

type Connection = Awaited<ReturnType<typeof startGround>>['connection']

const note = (lines: Line[], line: Line): void => {
  expectOk(line.what, line.result)
  lines.push(line)
  const ratio =
    line.limit === undefined
      ? ''
      : ` = ${((line.result.rate / line.limit) * 100).toFixed(0)} % of ${line.limit.toFixed(0)}`
  process.stdout.write(`${line.what}: ${line.result.rate.toFixed(0)}/s${ratio}\n`)
}

const importAll = async (url: URL, data: BenchData, lines: Line[]): Promise<number> => {
  for (const bundle of data.ground)
    expectOk('ground', await load(url, 1, 600, once([send('POST', '', bundle)])))
  const requests = data.bundles.map((bundle) => send('POST', '', bundle))
  const result = await load(url, 4, 600, once(requests))
  const perBundle = data.resources / data.bundles.length
  note(lines, {
    what: `transaction import, resources (${data.source})`,
    result: { ...result, rate: result.rate * perBundle },
  })
  return result.rate * perBundle
}

const diskPerResource = async (connection: Connection): Promise<string> => {
  const { count, each, tables } = await diskOf(connection)
  return `${each} B a resource with all indexes (${count} resources; ${tables})`
}

type Known = { readonly type: string; readonly key: string; readonly id: string; readonly content: string }

const sample = async (connection: Connection): Promise<Known[]> => {
  const client = new pg.Client(connection)
  await client.connect()
  const { rows } = await client.query(
    `select t.name as type, v.id as key, coalesce(v.fhir_id, v.id::text) as id, v.content
     from resource_version v join resource_type t using (type)
     where t.name in ('Observation', 'Condition', 'Encounter', 'Patient', 'MedicationRequest') and v.content is not null
     order by md5(v.id::text) limit 4000`,
  )
  await client.end()
  return rows as Known[]
}

const measureReads = async (connection: Connection, url: URL, lines: Line[]): Promise<void> => {
  const known = await sample(connection)
  const bare = await startBareServer(connection, workers)
  try {
    const direct = known.map(({ type, key }) => ({ method: 'GET', path: `/${typeNumber(type)}/${key}` }))
    await load(bare.url, connections, 2, cycle(direct))
    await load(url, connections, 2, cycle(known.map(({ type, id }) => get(`${type}/${id}`))))
    const limits: number[] = []
    const limit = async (): Promise<void> => {
      limits.push((await load(bare.url, connections, seconds / 2, cycle(direct))).rate)
    }
    await limit()
    const read = await load(
      url,
      connections,
      seconds,
      cycle(known.map(({ type, id }) => get(`${type}/${id}`))),
    )
    await limit()
    const vread = await load(
      url,
      connections,
      seconds,
      cycle(known.map(({ type, id }) => get(`${type}/${id}/_history/1`))),
    )
    const history = await load(
      url,
      connections,
      seconds,
      cycle(known.map(({ type, id }) => get(`${type}/${id}/_history`))),
    )
    await limit()
    const mean = limits.reduce((a, b) => a + b, 0) / limits.length
    const by = 'bare node:http + pg'
    note(lines, { what: 'read', result: read, limit: mean, by })
    note(lines, { what: 'vread', result: vread, limit: mean, by })
    note(lines, { what: 'history of an instance', result: history, limit: mean, by })
  } finally {
    await bare.stop()
  }
}

const measureWrites = async (connection: Connection, url: URL, lines: Line[]): Promise<void> => {
  const definitions = await loadDefinitions(undefined)
  const search = createSearch(definitions)
  const base = `http://${url.host}/fhir`
  const write = (n: number, id: string) => {
    const text = observationText(n)
    const { tokens } = search.extract('Observation', JSON.parse(text), base)
    return {
      type: 'Observation',
      id,
      content: stamp(text, id),
      tokens: hashTokens(1, tokens),
      references: [{ type: 'Patient', id: 'bench' }],
      at: Date.now(),
    }
  }
  expectOk(
    'patient',
    await load(url, 1, 9, once([send('PUT', 'Patient/bench', '{"resourceType":"Patient","id":"bench"}')])),
  )
  let n = 0
  const create = () => {
    const w = write(n++, newId(Date.now()))
    return createStatement(1, w, seal(w.content, 1, new Date().toISOString()), 'checked', null)
  }
  const post = () => send('POST', 'Observation', observationText(n++))
  await load(url, connections, 2, post)
  const before = await writeLimit(connection, { statement: create, key: 3 }, connections, seconds / 2)
  const created = await load(url, connections, seconds, post)
  const after = await writeLimit(connection, { statement: create, key: 3 }, connections, seconds / 2)
  note(lines, { what: 'create', result: created, limit: (before.rate + after.rate) / 2, by: before.by })

  const ids = Array.from({ length: 2000 }, (_, i) => `bench-${i}`)
  const put = (id: string) => send('PUT', `Observation/${id}`, JSON.stringify({ ...observation(n++), id }))
  expectOk('updates', await load(url, connections, 99, once(ids.map(put))))
  const nextId = cycle(ids)
  const update = () => updateStatement(1, write(n++, nextId()), 'PUT', 'any', 'checked', null)
  const limit = await writeLimit(connection, { statement: update }, connections, seconds)
  const updated = await load(url, connections, seconds, () => put(nextId()))
  note(lines, { what: 'update', result: updated, limit: limit.rate, by: limit.by })

  const batch = (): LoadRequest => {
    const entry = Array.from({ length: 20 }, () => ({
      resource: observation(n++),
      request: { method: 'POST', url: 'Observation' },
    }))
    return send('POST', '', JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }))
  }
  const batches = await load(url, connections, seconds, batch)
  note(lines, {
    what: 'batch of 20 creates, entries',
    result: { ...batches, rate: batches.rate * 20 },
    limit: (before.rate + after.rate) / 2,
    by: `${before.by} (create)`,
  })

  const doomed = ids.map((id) => `Observation/${id}`)
  const half = doomed.splice(0, 1000)
  const removals = once(half.map((what) => ({ type: 'Observation', id: what.slice('Observation/'.length) })))
  const start = performance.now()
  let removed = 0
  const spent = await writeLimit(
    connection,
    {
      statement: () => {
        const key = removals()
        if (key) removed = performance.now() - start
        return deleteStatement(1, key ?? { type: 'Observation', id: 'none' }, Date.now())
      },
    },
    connections,
    1,
  )
  const deleted = await load(
    url,
    connections,
    99,
    once(doomed.map((what) => ({ method: 'DELETE', path: `${path}/${what}` }))),
  )
  note(lines, { what: 'delete', result: deleted, limit: 1000 / (removed / 1000), by: spent.by })
}

const table = (lines: readonly Line[]): string =>
  [
    '| what | per second | p50 ms | p95 ms | p99 ms | limit | of the limit |',
    '| --- | ---: | ---: | ---: | ---: | --- | ---: |',
    ...lines.map(({ what, result, limit, by }) => {
      const cells = [
        what,
        result.rate.toFixed(0),
        result.p50.toFixed(1),
        result.p95.toFixed(1),
        result.p99.toFixed(1),
      ]
      const ratio =
        limit === undefined
          ? ['', '']
          : [`${limit.toFixed(0)} by ${by}`, `${((result.rate / limit) * 100).toFixed(0)} %`]
      return `| ${[...cells, ...ratio].join(' | ')} |`
    }),
  ].join('\n')

const measure = async (connection: Connection, data: BenchData, lines: Line[]): Promise<string> => {
  const server = await startServer(connection, workers)
  const url = new URL(server.url.origin)
  url.password = tokenOf({ DATABASE_URL: urlOf(connection) })
  try {
    await importAll(url, data, lines)
    const disk = await diskPerResource(connection)
    process.stdout.write(`disk: ${disk}\n`)
    await measureReads(connection, url, lines)
    await measureWrites(connection, url, lines)
    const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
    return `# Benchmark

\`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine}; Postgres, the server (${workers} processes) and the load
generator (${connections} connections) share the machine. A limit is measured in the same run on the same Postgres; the ratio is what counts.

${table(lines)}

Disk: ${disk}.
`
  } finally {
    await server.stop()
  }
}

await main()
