/** `node test/bench/terminology.ts [concepts]`: a polyhierarchy in PostgreSQL; loading, subsumption, filtered expansion, bindings. */
import { performance } from 'node:perf_hooks'
import { createLog } from '../../src/base/log.ts'
import { noCanonicals } from '../../src/fhir/definitions/posted.ts'
import { loadConcepts } from '../../src/store/concept-load.ts'
import { createConcepts } from '../../src/store/concepts.ts'
import { createDatabase } from '../../src/store/index.ts'
import { createTerminology, expand, subsumes, systemOf, valueSetOf } from '../../src/terminology/index.ts'
import { startTestCluster, template } from '../support/cluster.ts'
import { polyhierarchy, url } from '../support/polyhierarchy.ts'

const count = Number(process.argv[2] ?? 500_000)
const cluster = await startTestCluster()
const database = createDatabase({
  target: { ...cluster.connection, database: template },
  ...{ security: 'roles', lines: 2, pool: 4, statementTimeout: 600_000, log: createLog('silent') },
})
const say = (text: string): boolean => process.stdout.write(`${text}\n`)

const measure = async (name: string, runs: number, work: (n: number) => Promise<unknown>): Promise<void> => {
  const times: number[] = []
  for (let n = 0; n < runs + 20; n++) {
    const start = performance.now()
    await work(n)
    if (n >= 20) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (share: number): string => times[Math.floor(times.length * share)]!.toFixed(2)
  say(`${name.padEnd(52)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   max ${times.at(-1)!.toFixed(2)} ms`)
}

try {
  const start = performance.now()
  const { circular } = await loadConcepts(database, 0, polyhierarchy(count), () => {})
  say(
    `${count} concepts loaded in ${((performance.now() - start) / 1000).toFixed(1)} s, ${circular} circular, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`,
  )
  await database.query({ name: 'vacuum', text: 'vacuum analyze concept', tenant: '*', values: [] })
  const [size] = await database.query<{ size: string; below: string }>({
    name: 'size',
    text: `select pg_size_pretty(pg_total_relation_size('concept')) as size,
      (select avg(length(below::text))::int from concept where below is not null)::text as below`,
    tenant: '*',
    values: [],
  })
  say(`${size?.size} in the table with its indexes, ${size?.below} characters of ranges on average`)
  const source = createConcepts(database)
  const terminology = createTerminology(() => noCanonicals, source)
  const scope = await terminology.scope(1)
  const system = systemOf(scope, url)
  if (system.kind !== 'stored') throw new Error('it is not loaded')
  const code = (n: number): string => `c${(n * 7919) % count}`
  const high = (n: number): string => `c${(n * 7) % 600}`
  await measure('subsumption of one pair', 500, (n) => subsumes(source, system, [[high(n), code(n)]]))
  await measure('subsumption of 100 pairs', 100, (n) =>
    subsumes(
      source,
      system,
      Array.from({ length: 100 }, (_, m) => [high(n + m), code(n * 100 + m)] as const),
    ),
  )
  const set = (value: string, more: { property: string; op: '='; value: string }[] = []) =>
    valueSetOf(scope, {
      resourceType: 'ValueSet',
      status: 'active',
      compose: {
        include: [{ system: url, filter: [{ property: 'concept', op: 'is-a', value }, ...more] }],
      },
    })
  const page = { count: 50 }
  const syllable = ['ka', 'ro', 'mi', 'ten', 'dul', 'sor', 'vex']
  const typed = (n: number): string => `${syllable[n % 7]}${syllable[(n * 3) % 7]} ${syllable[(n + 2) % 7]}`
  await measure('expansion below a concept, page of 50', 300, (n) => expand(source, set(high(n)), page, 0))
  await measure('expansion of everything, page of 50 at 400000', 100, () =>
    expand(source, set('c0'), { count: 50, offset: Math.floor(count * 0.8) % 100_000 }, 0),
  )
  await measure('text filter of two words below the root', 300, (n) =>
    expand(source, set('c0'), { ...page, filter: typed(n) }, 0),
  )
  await measure('text filter of two words below a concept', 300, (n) =>
    expand(source, set(high(n)), { ...page, filter: typed(n) }, 0),
  )
  await measure('text filter that every concept has, below the root', 100, () =>
    expand(source, set('c0'), { ...page, filter: 'disorder' }, 0),
  )
  await measure('text filter of one syllable, below a concept', 200, (n) =>
    expand(source, set(high(n)), { ...page, filter: syllable[n % 7]! }, 0),
  )
  await measure('property filter below a concept', 200, (n) =>
    expand(source, set(high(n), [{ property: 'kind', op: '=', value: `k${n % 50}` }]), page, 0),
  )
  const member = terminology.membership(1)
  await measure('100 bindings on stored codes in one question', 100, (n) =>
    member.ask(Array.from({ length: 100 }, (_, m) => ({ value: { system: url, code: code(n * 100 + m) } }))),
  )
} finally {
  await database.close()
  await cluster.stop()
}
