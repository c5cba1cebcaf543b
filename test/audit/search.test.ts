/** Searches of the log find what the interpreter finds among all resources, and tell nothing of what is not shown. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { type Access, type Reach, unrestricted } from '../../src/access/access.ts'
import type { Ctx } from '../../src/access/ctx.ts'
import type { AuditedEvent } from '../../src/audit/event.ts'
import { createAuditEvents } from '../../src/audit/index.ts'
import { resourceOf as auditEventOf } from '../../src/audit/resource.ts'
import { agentKey, patientKey, rowOf } from '../../src/audit/row.ts'
import { shownTo } from '../../src/audit/shown.ts'
import { createLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import { followAmong, type Known } from '../../src/search/follow.ts'
import { createAuditLog, createDatabase } from '../../src/store/index.ts'
import { type Asked, asked, base, log as logOf, start } from '../support/audit-world.ts'
import { database as freshDatabase } from '../support/postgres.ts'
import { ctxAt, openRest, search, textOf, transaction, update } from '../support/rest.ts'

const now = start + 1_000_000
const size = 70
const [events = []] = fc.sample(logOf(size), { numRuns: 1, seed: 7 })

const resources = [
  { resourceType: 'Patient', id: 'p1', gender: 'male', name: [{ family: 'Famp1' }] },
  { resourceType: 'Patient', id: 'p2', gender: 'male', name: [{ family: 'Famp2' }] },
  { resourceType: 'Patient', id: 'p3', gender: 'female', name: [{ family: 'Famp3' }] },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: 'Patient/p1' },
  },
  {
    resourceType: 'Observation',
    id: 'o2',
    status: 'amended',
    code: { text: 'x' },
    subject: { reference: 'Patient/p2' },
  },
  ...['l1', 'l2'].map((id, n) => ({
    resourceType: 'List',
    id,
    status: 'current',
    mode: 'working',
    subject: { reference: `Patient/p${n + 1}` },
    entry: events
      .filter((_, at) => at % 5 === n)
      .map((one) => ({ item: { reference: `AuditEvent/${one.id}` } })),
  })),
  {
    resourceType: 'Provenance',
    id: 'v1',
    target: [
      { reference: 'Patient/p1' },
      ...events.slice(3, 9).map((one) => ({ reference: `AuditEvent/${one.id}` })),
    ],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: { reference: 'Practitioner/7' } }],
  },
] as const
type Res = (typeof resources)[number]

/** Somebody who sees a part; `keys` are those of the events that this is, `sees` the resources. */
type Caller = {
  readonly access: Access
  readonly keys: readonly (readonly string[])[]
  readonly sees: readonly string[]
}

const callerOf = (type: string, id: string, keys: readonly string[], sees: readonly string[]): Caller => ({
  access: {
    key: id,
    reach: (of): Reach =>
      ['AuditEvent', 'Patient', 'Observation', 'List', 'Provenance'].includes(of)
        ? { groups: [[{ kind: 'compartment', type, ids: [id] }]] }
        : 'none',
    masked: () => [],
    refusal: () => 'No.',
  },
  keys: [keys],
  sees,
})
const callers: readonly Caller[] = [
  callerOf(
    'Patient',
    'p1',
    [patientKey('Patient/p1'), agentKey('Patient/p1')],
    ['Patient/p1', 'Observation/o1', 'List/l1', 'Provenance/v1'],
  ),
  callerOf('Practitioner', '7', [agentKey('Practitioner/7')], ['Provenance/v1']),
]
const isReached = (keys: readonly (readonly string[])[], event: AuditedEvent): boolean => {
  const row = rowOf(event, '')
  return keys.every((some) => some.some((key) => row.keys.includes(key)))
}

/** Tenant 1 has everything, the next ones only what is shown to each of the callers. */
const open = async (t: Test) => {
  const settings = { lines: 2, pool: 4, statementTimeout: 30_000, security: 'roles' } as const
  const database = createDatabase({ target: await freshDatabase(t), ...settings, log: createLog('silent') })
  t.teardown(() => database.close())
  const log = createAuditLog(database)
  const keepers = new Map([
    ['AuditEvent', createAuditEvents(log, { keep: () => Promise.resolve(), drain: () => Promise.resolve() })],
  ])
  const { rest } = await openRest(t, { on: database, keepers, references: 'off' })
  const put = async (tenant: number, some: readonly Res[], all: readonly AuditedEvent[]) => {
    for (const { resourceType, id, ...rest_ } of some)
      await rest.perform(ctxAt(now, tenant), update(resourceType, id, rest_))
    await log.append(
      tenant,
      all.map((event) => rowOf(event, JSON.stringify(event))),
    )
  }
  await put(1, resources, events)
  const shown = callers.map(({ keys }) =>
    events.filter((one) => isReached(keys, one)).map((one) => shownTo(keys, one)),
  )
  for (const [n, { sees }] of callers.entries())
    await put(
      n + 2,
      resources.filter(({ resourceType, id }) => sees.includes(`${resourceType}/${id}`)),
      shown[n] ?? [],
    )
  const ask = async (
    ctx: Ctx,
    query: readonly (readonly [string, string])[],
    compartment?: string,
    lenient = false,
  ): Promise<string> => {
    try {
      const reply = await rest.perform(ctx, {
        interaction: 'search-type',
        type: 'AuditEvent',
        query: [...query],
        lenient,
        ...(compartment === undefined ? {} : { compartment: { type: 'Patient', id: compartment } }),
      })
      return textOf(reply).replace(/"id":"[^"]*","meta":\{"lastUpdated":"[^"]*"\},/, '')
    } catch (error) {
      if (error instanceof Problem) return JSON.stringify([error.status, error.issues])
      throw error
    }
  }
  return { ask, put, shown, perform: rest.perform }
}

const options = { tenant: 1, base, at: now, lenient: false, defaultCount: 1000, maxCount: 1000 }
const nextOf = (text: string): [string, string][] | undefined => {
  const url = (JSON.parse(text).link as { relation: string; url: string }[] | undefined)?.find(
    ({ relation }) => relation === 'next',
  )?.url
  return url === undefined ? undefined : [...new URL(url).searchParams]
}
type Entry = { readonly search: { readonly mode: string }; readonly fullUrl: string }
const matchesIn = (text: string): string[] =>
  ((JSON.parse(text).entry ?? []) as Entry[]).flatMap(({ search: { mode }, fullUrl }) =>
    mode === 'match' ? [fullUrl.split('/').at(-1)!] : [],
  )

const knownOf = (resource: object, id: string, type: string, lastUpdated: number): Known => ({
  id,
  type,
  lastUpdated,
  rows: search.extract(type, resource as never, base),
})
const world: readonly Known[] = [
  ...resources.map((one) => knownOf(one, one.id, one.resourceType, now)),
  ...events.map((one) =>
    knownOf(auditEventOf(one), one.id, 'AuditEvent', 'received' in one ? one.received : one.at),
  ),
]
const log = world.filter(({ type }) => type === 'AuditEvent')
const follow = followAmong(world)

t.setTimeout(300_000)

t.test('searches find what they should, in order and in number, page by page', async (t) => {
  const { ask } = await open(t)
  const check = async ({ filters, shape }: Asked): Promise<void> => {
    const { plan, issues } = search.plan('AuditEvent', filters, options)
    if (issues.length > 0) throw new Error(`${JSON.stringify(filters)}: ${issues[0]?.diagnostics}`)
    const expected = log.filter((one) => search.matches(plan, { ...one, follow })).map(({ id }) => id)
    const ctx = { ...ctxAt(now), access: unrestricted }
    const found: string[] = []
    let query: readonly (readonly [string, string])[] | undefined = [...filters, ...shape]
    const isCount = shape.some(([, value]) => value === 'count')
    while (query) {
      const text = await ask(ctx, query)
      if (text.startsWith('[')) throw new Error(`${JSON.stringify(query)}: ${text}`)
      const { total } = JSON.parse(text)
      if (total !== undefined && total !== expected.length)
        throw new Error(`${JSON.stringify(query)}: total ${total}, and there are ${expected.length}`)
      if (isCount) return
      found.push(...matchesIn(text))
      query = nextOf(text)
    }
    if (JSON.stringify([...found].sort()) !== JSON.stringify([...expected].sort()))
      throw new Error(
        `${JSON.stringify([filters, shape])}: ${found.length} found, ${expected.length} expected`,
      )
  }
  await t.resolves(fc.assert(fc.asyncProperty(asked, check), { numRuns: 400 }))
})

t.test('who sees a part learns nothing of the rest by any search', async (t) => {
  const { ask, shown } = await open(t)
  for (const some of shown) t.ok(some.length > 5 && some.length < size)
  const check = async (who: number, { filters, shape }: Asked, compartment?: string): Promise<void> => {
    let query: readonly (readonly [string, string])[] | undefined = [...filters, ...shape]
    for (let page = 0; query && page < 4; page++) {
      const pairs: readonly (readonly [string, string])[] = query
      const [whole = '', part] = await Promise.all(
        [1, who + 2].map((tenant) =>
          ask({ ...ctxAt(now, tenant), access: { ...callers[who]!.access } }, pairs, compartment),
        ),
      )
      if (whole !== part) throw new Error(`${JSON.stringify(query)}\n${whole}\n${part}`)
      query = whole.startsWith('[') ? undefined : nextOf(whole)
    }
  }
  const compartment = fc.constantFrom(undefined, undefined, undefined, 'p1', 'p2')
  const who = fc.nat(callers.length - 1)
  await t.resolves(fc.assert(fc.asyncProperty(who, asked, compartment, check), { numRuns: 600 }))
})

t.test('what is masked is neither shown, nor searched, nor sorted by, nor followed', async (t) => {
  const { ask } = await open(t)
  const masking: Access = {
    ...unrestricted,
    key: 'masked',
    masked: (type) => (type === 'AuditEvent' ? ['entity'] : []),
  }
  const as = (...query: [string, string][]) => ask({ ...ctxAt(now), access: masking }, query)
  const all = await as(['_count', '1000'])
  t.match(all, '"SUBSETTED"')
  t.notMatch(all, '"entity"')
  for (const pair of [
    ['entity', 'Observation/o1'],
    ['entity-name', 'scan'],
    ['patient', 'p1'],
    ['_content', 'zebra'],
    ['_sort', 'entity-name'],
    ['_include', 'AuditEvent:entity'],
    ['entity.subject', 'Patient/p1'],
    ['_filter', 'entity-name co "scan"'],
  ] as const)
    t.match(await as([...pair]), /^\[400/, pair[0])
})

t.test('a search of the log explains itself to who sees all of it', async (t) => {
  const { ask } = await open(t)
  const query: [string, string][] = [
    ['patient', 'p1'],
    ['agent-name', 'ada'],
    ['_explain', 'true'],
  ]
  const { resourceType, parameter } = JSON.parse(await ask(ctxAt(now), query))
  t.equal(resourceType, 'Parameters')
  const told = (name: string) => parameter.find((one: { name: string }) => one.name === name)
  t.match(told('sql').valueString, /content ilike .* from audit_event /s)
  t.match(told('explain').valueString, /Node Type/)
  t.match(told('judged'), { valueBoolean: true })
  t.match(await ask({ ...ctxAt(now), access: callers[0]!.access }, query), /^\[403/)
})

t.test('a lenient client is told what was left out', async (t) => {
  const { ask } = await open(t)
  const query: [string, string][] = [
    ['colour', 'red'],
    ['action', 'R'],
    ['_count', '1'],
  ]
  t.match(await ask(ctxAt(now), query), /^\[400/)
  const told = JSON.parse(await ask(ctxAt(now), query, undefined, true))
  t.match(told.entry.at(-1), { search: { mode: 'outcome' }, resource: { issue: [{ severity: 'warning' }] } })
  t.notMatch(JSON.stringify(told.link), 'colour')
})

t.test('events can be put in the order of each parameter', async (t) => {
  const { ask } = await open(t)
  const unsorted = ['_content', '_text', '_security', '_source']
  for (const { code } of search.parameters('AuditEvent')) {
    const text = await ask(ctxAt(now), [
      ['_sort', `-${code}`],
      ['_count', '1000'],
    ])
    if (!text.startsWith('[')) t.equal(new Set(matchesIn(text)).size, size, code)
    else if (!unsorted.includes(code)) t.fail(`${code}: ${text}`)
  }
})

t.test('chains to many resources, and lists of many, are followed from the events', async (t) => {
  const { ask, perform } = await open(t)
  const entry = Array.from({ length: 1200 }, (_, n) => ({
    resource: { resourceType: 'Patient', id: `m${n}`, gender: 'other' },
    request: { method: 'PUT', url: `Patient/m${n}` },
  }))
  await perform(ctxAt(now), transaction(entry))
  const own = await perform(ctxAt(now), update('Patient', 'p1', { gender: 'other' }))
  t.equal(own.status, 200)
  const few = matchesIn(
    await ask(ctxAt(now), [
      ['patient', 'p1'],
      ['_count', '100'],
    ]),
  )
  const many = matchesIn(
    await ask(ctxAt(now), [
      ['patient.gender', 'other'],
      ['_count', '100'],
    ]),
  )
  t.ok(few.length > 5)
  t.same(many, few)
})

t.test('what would read too much of a large log is refused, and what indexes lead to is not', async (t) => {
  const { ask, put } = await open(t)
  const many = Array.from({ length: 21_000 }, (_, n): AuditedEvent => {
    const at = start + n * 10
    const time = at.toString(16).padStart(12, '0')
    return {
      id: `${time.slice(0, 8)}-${time.slice(8)}-7000-9000-${n.toString(16).padStart(12, '0')}`,
      tenant: 9,
      at,
      kind: 'rest',
      code: n % 2 === 0 ? 'read' : 'search-type',
      action: n % 2 === 0 ? 'R' : 'E',
      outcome: n % 5000 === 0 ? 8 : 0,
      patients: [`Patient/q${n % 3000}`],
      who: {
        kind: 'person',
        id: `a${n % 10}`,
        display: `Doctor ${n % 10}`,
        fhirUser: `Practitioner/${n % 10}`,
      },
      base,
      trace: `t${n}`,
    }
  })
  for (let from = 0; from < many.length; from += 3000) await put(9, [], many.slice(from, from + 3000))
  const ctx = ctxAt(now, 9)
  const totalOf = async (...query: [string, string][]) =>
    JSON.parse(await ask(ctx, [...query, ['_summary', 'count']])).total
  const costly = /^\[403,\[\{"severity":"error","code":"too-costly".*Add what leads to few of them/
  t.match(await ask(ctx, [['_content', 'nothing']]), costly)
  t.match(
    await ask(ctx, [
      ['_content', 'doctor'],
      ['_summary', 'count'],
    ]),
    costly,
    'no total of a part',
  )
  t.match(await ask(ctx, [['_sort', 'action']]), /^\[403.*More than 5000/)
  t.equal(await totalOf(), 21_000)
  t.equal(await totalOf(['date', 'lt2026-01-01T00:01:00Z']), 6000)
  t.equal(await totalOf(['subtype', 'http://hl7.org/fhir/restful-interaction|read']), 10_500)
  t.equal(await totalOf(['agent', 'Practitioner/3']), 2100)
  t.equal(await totalOf(['patient', 'q7']), 7)
  t.equal(await totalOf(['outcome', '8']), 5)
  t.equal(await totalOf(['_content', 'doctor'], ['patient', 'q7']), 7)
  t.equal(
    matchesIn(
      await ask(ctx, [
        ['agent-name', 'doctor 3'],
        ['_count', '30'],
      ]),
    ).length,
    30,
  )
  const sorted = matchesIn(
    await ask(ctx, [
      ['patient', 'q7'],
      ['_sort', 'agent-name,-date'],
    ]),
  )
  const name = new Map(many.map((one) => [one.id, 'who' in one ? one.who.display : '']))
  t.same(
    sorted.map((id) => name.get(id)),
    sorted.map((id) => name.get(id)).toSorted(),
  )
})
