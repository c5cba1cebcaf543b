/** `npm run bench:search -- [patients] [patients …]`: the search workloads on a generated hospital that grows to each size. */
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import pg from 'pg'
import { createGenerator } from '../../src/demo/generate.ts'
import type { EmbeddedConnection } from '../../src/store/embedded/start.ts'
import { diskOf } from './disk.ts'
import { startGround, startServer } from './ground.ts'
import { type LoadRequest, type LoadResult, load } from './load.ts'
import { searchWorkloads, type Workload } from './search-workloads.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 4)
const connections = 8
const workers = availableParallelism()

const generator = createGenerator(1)
const post = (bundle: object): LoadRequest => ({
  method: 'POST',
  path: '/fhir',
  body: JSON.stringify(bundle),
})

const refuseFailures = (what: string, { statuses }: LoadResult): void => {
  const bad = [...statuses].filter(([status]) => status >= 400)
  if (bad.length > 0) throw new Error(`${what} was answered with ${JSON.stringify(bad)}`)
}

const grow = async (url: URL, from: number, to: number): Promise<void> => {
  const start = performance.now()
  if (from === 0)
    for (const bundle of generator.hospitalBundles()) {
      let sent = false
      const once = () => (sent ? undefined : post(bundle))
      refuseFailures(
        'the hospital',
        await load(url, 1, 600, () => {
          const request = once()
          sent = true
          return request
        }),
      )
    }
  let index = from
  const next = () => (index < to ? post(generator.patientBundle(index++)) : undefined)
  refuseFailures('a patient', await load(url, 4, 7200, next))
  process.stdout.write(`loaded in ${Math.round((performance.now() - start) / 1000)} s\n`)
}

/** How many patients a kept folder has. */
const stored = async (connection: EmbeddedConnection): Promise<number> => {
  const client = new pg.Client(connection)
  await client.connect()
  const { rows } = await client.query('select count(*)::int as n from fhir.patient')
  await client.end()
  return (rows[0] as { n: number }).n
}

const settle = async (connection: EmbeddedConnection): Promise<string> => {
  const { count, each } = await diskOf(connection)
  return `${count.toLocaleString('en')} resources, ${each} B each with all indexes`
}

type Measured = { readonly workload: Workload; readonly result: LoadResult }

const measure = async (url: URL, workload: Workload): Promise<Measured> => {
  const request = (): LoadRequest => ({ method: 'GET', path: `/fhir/${workload.next()}` })
  refuseFailures(workload.name, await load(url, connections, 1, request))
  const result = await load(url, connections, seconds, request)
  refuseFailures(workload.name, result)
  process.stdout.write(
    `${workload.name}: p50 ${result.p50.toFixed(1)} p95 ${result.p95.toFixed(1)} ms, ${result.rate.toFixed(0)}/s\n`,
  )
  return { workload, result }
}

const measureAll = async (connection: EmbeddedConnection, url: URL): Promise<Measured[]> => {
  const measured: Measured[] = []
  for (const workload of await searchWorkloads(connection, url)) measured.push(await measure(url, workload))
  return measured
}

const table = (
  runs: readonly { readonly size: string; readonly measured: readonly Measured[] }[],
): string => {
  const names = runs[0]!.measured.map(({ workload }) => workload.name)
  const cells = (n: number) =>
    runs.flatMap(({ measured }) => {
      const { p50, p95, rate } = measured[n]!.result
      return [p50.toFixed(1), p95.toFixed(1), rate.toFixed(0)]
    })
  return [
    `| search | ${runs.map(({ size }) => `${size}: p50 ms | p95 ms | per second`).join(' | ')} |`,
    `| --- | ${runs.map(() => '---: | ---: | ---:').join(' | ')} |`,
    ...names.map((name, n) => `| \`${name}\` | ${cells(n).join(' | ')} |`),
  ].join('\n')
}

type Explanation = {
  readonly parameter: readonly {
    readonly name: string
    readonly valueString?: string
    readonly valueDecimal?: number
  }[]
}

/** What the server says of a search that it would make. */
const explain = async (url: URL, { workload, result }: Measured): Promise<string> => {
  const query = workload.next()
  const path = `/fhir/${query}${query.includes('?') ? '&' : '?'}_explain=true`
  const { parameter } = (await (await fetch(new URL(path, url))).json()) as Explanation
  const part = (name: string): string =>
    parameter
      .flatMap((one) => (one.name === name ? [String(one.valueString ?? one.valueDecimal)] : []))
      .join(', ')
  return `## ${workload.name}

p95 ${result.p95.toFixed(1)} ms; cost ${part('cost')}, indexes ${part('index')}

    ${decodeURIComponent(query)}

\`\`\`sql
${part('sql')}
\`\`\`

\`\`\`json
${compact(part('explain'))}
\`\`\`
`
}

const kept = [
  'Node Type',
  'Subplan Name',
  'Index Name',
  'Index Cond',
  'Filter',
  'Recheck Cond',
  'Plan Rows',
  'Plans',
]

/** The nodes of the plan with what tells how rows are found. */
const compact = (text: string): string =>
  JSON.stringify(
    JSON.parse(text),
    (key, value) => (key === '' || /^\d+$/.test(key) || kept.includes(key) ? value : undefined),
    1,
  )

const explains = async (url: URL, measured: readonly Measured[]): Promise<string> => {
  const slowest = measured.toSorted((a, b) => b.result.p95 - a.result.p95).slice(0, 10)
  const texts: string[] = []
  for (const one of slowest) texts.push(await explain(url, one))
  return `# The ten slowest searches of the benchmark, as \`_explain=true\` tells\n\n${texts.join('\n')}`
}

const main = async (): Promise<void> => {
  const sizes = process.argv.slice(2).map(Number)
  if (sizes.length === 0) sizes.push(1700, 6800)
  const ground = await startGround(process.env.BENCH_DATA)
  try {
    const server = await startServer(ground.connection, workers, { LAMPLIGHT_AUTHORIZATION: 'off' })
    const url = new URL(server.url.origin)
    const runs: { size: string; measured: Measured[] }[] = []
    const have = await stored(ground.connection)
    // What is kept does not shrink: of the sizes that it is beyond, only the largest is measured.
    const wanted = sizes.filter((size, n) => size >= have || n === sizes.length - 1)
    let from = have
    for (const size of wanted) {
      if (from < size) await grow(url, from, size)
      from = Math.max(from, size)
      const disk = await settle(ground.connection)
      process.stdout.write(`${size} patients: ${disk}\n`)
      runs.push({ size: disk, measured: await measureAll(ground.connection, url) })
    }
    const slowest = await explains(url, runs.at(-1)!.measured)
    await server.stop()
    const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
    const report = `# Search benchmark

\`npm run bench:search\` on ${new Date().toISOString().slice(0, 10)}: ${machine}; Postgres, the server (${workers} processes) and the load
generator (${connections} connections) share the machine.${process.env.BENCH_NOTE ? ` ${process.env.BENCH_NOTE}` : ''}

${table(runs)}
`
    process.stdout.write(`\n${report}`)
    writeFileSync(new URL('./search-results.md', import.meta.url), report)
    writeFileSync(new URL('./search-explains.md', import.meta.url), slowest)
  } finally {
    await ground.stop()
  }
}

await main()
