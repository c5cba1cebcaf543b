import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Bundle, Provenance } from 'fhir/r4.js'
import t, { type Test } from 'tap'
import type { Ctx } from '../../src/access/ctx.ts'
import { internal, type Principal } from '../../src/access/principal.ts'
import { createAuditEvents, createProvenances, openAudit } from '../../src/audit/index.ts'
import { createLog } from '../../src/base/log.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { Request } from '../../src/rest/index.ts'
import { createAuditLog, createDatabase } from '../../src/store/index.ts'
import { createStructure } from '../../src/validation/structure.ts'
import { database as freshDatabase } from '../support/postgres.ts'
import {
  batch,
  create,
  ctx,
  openRest,
  read,
  refusal,
  resourceOf,
  transaction,
  update,
} from '../support/rest.ts'

const log = createLog('silent')
const structure = createStructure(await loadDefinitions(undefined))

const doctor: Principal = {
  kind: 'person',
  id: 'account-1',
  display: 'Dr. Ada',
  client: 'chart-app',
  roles: ['doctor'],
  fhirUser: 'Practitioner/7',
  scopes: 'all',
  session: 'token-1',
}

const open = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'lamplight-audit-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const settings = { lines: 2, pool: 4, statementTimeout: 30_000, security: 'roles' } as const
  const database = createDatabase({ target: await freshDatabase(t), ...settings, log })
  const events = createAuditLog(database)
  const audit = openAudit(events, { folder, mode: 'spool', log })
  t.teardown(async () => {
    await audit.close()
    await database.close()
  })
  const keepers = new Map([['AuditEvent', createAuditEvents(events, audit)]])
  const derivers = new Map([['Provenance', createProvenances(events, audit.drain)]])
  const { rest } = await openRest(t, { on: database, recording: audit, keepers, derivers })
  const perform = (request: Request, who: Principal = internal, more: Partial<Ctx> = {}) =>
    rest.perform({ ...ctx(), who, address: '192.0.2.7', correlation: 'corr-1', ...more } as Ctx, request)
  const find = async (query: string, more: Partial<Request> = {}): Promise<Bundle<AuditEvent>> =>
    resourceOf(
      await perform({
        interaction: 'search-type',
        type: 'AuditEvent',
        query: [...new URLSearchParams(query)] as [string, string][],
        ...more,
      }),
    )
  const found = async (query: string): Promise<AuditEvent[]> =>
    ((await find(query)).entry ?? []).map(({ resource }) => resource!)
  return { perform, find, found, audit }
}

const patient = { name: [{ family: 'Test' }] }
const observation = (subject: string) => ({
  status: 'final',
  code: { text: 'x' },
  subject: { reference: subject },
})

const patientsOf = ({ entity = [] }: AuditEvent) =>
  entity.filter(({ type }) => type?.code === '1').map(({ what }) => what?.reference)
const dataOf = ({ entity = [] }: AuditEvent) =>
  entity.filter(({ role }) => role?.code === '4').map(({ what }) => what?.reference)

// On a busy machine they add up.
t.setTimeout(120_000)

t.test('each interaction is on record with who, what and whom it was about', async (t) => {
  const { perform, found } = await open(t)
  await perform(update('Patient', 'p1', patient), doctor)
  const made = resourceOf(await perform(create('Observation', observation('Patient/p1')), doctor))
  await perform(update('Observation', made.id, observation('Patient/p1'), { return: 'minimal' }), doctor)
  await perform(read('Observation', made.id), doctor)
  const query: [string, string][] = [['code', 'a b']]
  await perform(
    { interaction: 'search-type', type: 'Observation', query: [['subject', 'Patient/p1']] },
    doctor,
  )
  await perform({ interaction: 'search-type', type: 'Observation', query }, doctor)
  await perform({ interaction: 'delete', type: 'Observation', id: made.id, query: [] }, doctor)
  await refusal(perform(read('Observation', made.id), doctor))

  const all = await found('agent=Practitioner/7&_sort=date')
  t.same(
    all.map(({ action, subtype, outcome }) => [subtype?.[0]?.code, action, outcome]),
    [
      ['update', 'U', '0'],
      ['create', 'C', '0'],
      ['update', 'U', '0'],
      ['read', 'R', '0'],
      ['search-type', 'E', '0'],
      ['search-type', 'E', '0'],
      ['delete', 'D', '0'],
      ['read', 'R', '4'],
    ],
  )
  t.same(
    all.map(patientsOf).slice(0, 5),
    Array.from({ length: 5 }, () => ['Patient/p1']),
  )
  t.same(patientsOf(all[6]!), ['Patient/p1'], 'of what was deleted too')
  t.same(dataOf(all[1]!), [`Observation/${made.id}/_history/1`])
  const asked = all[5]!.entity?.find(({ query }) => query)?.query ?? ''
  t.equal(Buffer.from(asked, 'base64').toString(), 'Observation?code=a%20b')
  const [client, server, person] = all[3]!.agent
  t.match(client, { who: { identifier: { value: 'chart-app' } }, network: { address: '192.0.2.7' } })
  t.match(server, { requestor: false })
  t.match(person, { who: { reference: 'Practitioner/7' }, requestor: true, role: [{ text: 'doctor' }] })
  for (const event of all) {
    const text = JSON.stringify(event)
    t.same(structure.check(JSON.parse(text), 1e6, text), [], `${event.subtype?.[0]?.code} is valid`)
  }
})

t.test('entries of a batch and of a transaction are each on record', async (t) => {
  const { perform, found } = await open(t)
  const put = (id: string) => ({
    resource: { resourceType: 'Patient', id, ...patient },
    request: { method: 'PUT', url: `Patient/${id}` },
  })
  await perform(batch([put('b1'), { request: { method: 'GET', url: 'Patient/none' } }]))
  await perform(transaction([put('t1'), put('t2')]))
  await refusal(perform(transaction([put('t3'), { request: { method: 'GET', url: 'AuditEvent?_count=1' } }])))
  t.same((await found('patient=b1')).map(dataOf), [['Patient/b1/_history/1']])
  t.same(
    (await found('entity=Patient/none')).map(({ outcome }) => outcome),
    ['4'],
  )
  t.same((await found('patient=Patient/t2')).map(dataOf), [['Patient/t2/_history/1']])
  t.match(await found('subtype=transaction'), [{ outcome: '4', outcomeDesc: /part of a transaction/ }])
})

t.test('many entries of a transaction that are alike share an event', async (t) => {
  const { perform, find, found } = await open(t)
  const post = (subject: string) => ({
    resource: { resourceType: 'Observation', ...observation(subject) },
    request: { method: 'POST', url: 'Observation' },
  })
  const times = (count: number, subject: string) => Array.from({ length: count }, () => post(subject))
  await perform(update('Patient', 'p1', patient))
  await perform(update('Patient', 'p2', patient))
  const many = { ...transaction([...times(70, 'Patient/p1'), ...times(20, 'Patient/p2')]) }
  const reply = resourceOf(await perform(many, doctor)) as Bundle
  const locations = (reply.entry ?? []).map(({ response }) => response!.location!)
  const ofFirst = await found('patient=p1&subtype=create&agent=Practitioner/7')
  t.same(
    ofFirst.map((event) => dataOf(event).length).sort((a, b) => a - b),
    [20, 50],
    'so many of what one patient was given',
  )
  t.same(ofFirst.flatMap(dataOf).sort(), locations.slice(0, 70).sort(), 'each of them in one event')
  for (const event of ofFirst) {
    t.same(patientsOf(event), ['Patient/p1'], 'and nothing of another patient')
    t.equal(event.meta?.profile, undefined, 'the patterns are for one resource')
    t.same(structure.check(JSON.parse(JSON.stringify(event)), 1e6, JSON.stringify(event)), [])
  }
  const single = await found('patient=p2&subtype=create')
  t.equal(single.length, 20, 'twenty are told one by one')
  t.ok(
    single.every(
      (event) => dataOf(event).length === 1 && event.meta?.profile?.[0]?.endsWith('.PatientCreate'),
    ),
  )
  const one = locations[69]!.split('/_history')[0]
  t.ok((await found(`entity=${one}`)).some((event) => dataOf(event).includes(locations[69])))
  t.equal((await find('patient=p1&subtype=create&_summary=count')).total, 2)
  const about = await perform({ interaction: 'search-type', type: 'Provenance', query: [['target', one!]] })
  const [provenance] = (resourceOf(about) as Bundle<Provenance>).entry ?? []
  t.ok(provenance?.resource?.target.some(({ reference }) => reference === locations[69]))
  t.match(resourceOf(await perform(read('Provenance', provenance!.resource!.id!))), provenance!.resource)
})

t.test(
  'whom a write is about is on record, also where neither what was sent nor the answer says it',
  async (t) => {
    const { perform, found } = await open(t)
    const born = 'urn:uuid:11111111-2222-4333-8444-555555555555'
    const { body } = await perform({
      ...transaction([
        {
          fullUrl: born,
          resource: { resourceType: 'Patient', ...patient },
          request: { method: 'POST', url: 'Patient' },
        },
        {
          resource: { resourceType: 'Observation', id: 'o1', ...observation(born) },
          request: { method: 'PUT', url: 'Observation/o1' },
        },
      ]),
      return: 'minimal',
    })
    const [, id] = /"location":"Patient\/([^/"]+)/.exec(body!.join('')) ?? []
    await perform({
      interaction: 'patch',
      type: 'Observation',
      id: 'o1',
      query: [],
      body: { text: '{"status":"amended"}', patch: 'merge-patch' },
      return: 'minimal',
    })
    t.same((await found(`patient=${id}`)).flatMap(dataOf).sort(), [
      `Observation/o1/_history/1`,
      `Observation/o1/_history/2`,
      `Patient/${id}/_history/1`,
    ])
  },
)

t.test('searches', async (t) => {
  const { perform, find, found } = await open(t)
  for (let n = 0; n < 7; n++) await perform(update('Patient', `p${n}`, patient), n < 3 ? doctor : internal)
  await refusal(perform(read('Patient', 'none')))
  const count = async (query: string) => (await found(query)).length
  t.equal(await count('agent=Practitioner/7'), 3)
  t.equal(await count('agent:identifier=chart-app&action=U'), 3)
  t.equal(await count('entity=Patient/p1,Patient/p2'), 2)
  t.equal(await count('outcome=4'), 1)
  t.equal(await count('outcome=http://hl7.org/fhir/audit-event-outcome|0&subtype=update'), 7)
  t.equal(await count('address=192.0&subtype=update'), 7)
  t.equal(await count('address=10.'), 0)
  t.equal(await count('date=lt2020-01-01'), 0)
  t.equal(await count(`date=ge${new Date().toISOString().slice(0, 10)}&subtype=update`), 7)
  t.equal((await find('subtype=update&_summary=count')).total, 7)
  t.equal((await find('subtype=update&_total=accurate&_count=2')).total, 7)
  t.equal(((await find('', { compartment: { type: 'Patient', id: 'p1' } })).entry ?? []).length, 1)
  const seen: string[] = []
  let query: string | undefined = 'subtype=update&_count=3'
  while (query !== undefined) {
    const page: Bundle<AuditEvent> = await find(query)
    seen.push(...(page.entry ?? []).map(({ resource }) => resource!.id!))
    query = page.link?.find(({ relation }) => relation === 'next')?.url.split('?')[1]
  }
  t.equal(new Set(seen).size, 7)
  t.equal(seen.length, 7)
  for (const wrong of [
    'agent.nonsense=x',
    'colour=1',
    'date=yesterday',
    '_cursor=x',
    '_summary=some',
    '_contained=true',
    '_sort=colour',
    'entity:below=AuditEvent/1',
    '_has:Provenance:target:_has:AuditEvent:entity:action=R',
    '_revinclude=AuditEvent:source',
  ])
    t.equal((await refusal(find(wrong))).status, 400, wrong)
})

t.test('who sees events of one patient sees nothing of the others that they were about', async (t) => {
  const { perform, found } = await open(t)
  for (const id of ['p1', 'p2']) await perform(update('Patient', id, patient))
  for (const id of ['p1', 'p2'])
    await perform(update('Observation', `of-${id}`, observation(`Patient/${id}`)))
  await perform({ interaction: 'search-type', type: 'Observation', query: [['patient', 'p1,p2']] }, doctor)
  await perform({ interaction: 'search-type', type: 'Observation', query: [['patient', 'p1']] }, doctor)
  await perform(
    create('AuditEvent', {
      type: { system: 'urn:s', code: 'sent' },
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ requestor: true, who: { display: 'Gateway' } }],
      source: { observer: { display: 'Gateway' } },
      outcomeDesc: 'Patient/p2 too',
      entity: ['Patient/p1', 'Patient/p2', 'Observation/of-p2'].map((reference) => ({ what: { reference } })),
    }),
  )
  const own = { groups: [[{ kind: 'compartment', type: 'Patient', ids: ['p1'] }]] } as const
  const access = { key: 'p1', reach: () => own, masked: () => [], refusal: () => '' }
  const as = async (query: string, more: Partial<Request> = {}) =>
    resourceOf(
      await perform(
        {
          interaction: 'search-type',
          type: 'AuditEvent',
          query: [...new URLSearchParams(query)] as [string, string][],
          ...more,
        },
        undefined,
        { access },
      ),
    ) as Bundle<AuditEvent>
  const seen = await as('_count=100')
  const text = JSON.stringify(seen)
  t.notMatch(text, 'p2')
  t.notMatch(text, Buffer.from('Observation?patient=p1,p2').toString('base64'))
  t.match(
    text,
    Buffer.from('Observation?patient=p1').toString('base64'),
    'what was about the own alone is whole',
  )
  t.match(text, 'Dr. Ada')
  t.equal(seen.entry?.filter(({ resource }) => resource?.type.code === 'sent').length, 1)
  const [both] = (await found('patient=p2')).filter((one) => patientsOf(one).length === 2)
  const one = await perform(read('AuditEvent', both!.id!), undefined, { access })
  t.notMatch(JSON.stringify(resourceOf(one)), 'p2')
  for (const query of ['patient=p2', 'entity=Patient/p2', 'patient=p2&_summary=count&_total=accurate'])
    t.notOk((await as(query)).total || (await as(query)).entry?.length, query)
  t.notOk((await as('', { compartment: { type: 'Patient', id: 'p2' } })).entry?.length)
  t.notOk((await as('entity=Observation/of-p2')).entry?.length)
  t.ok((await as('patient=p1,p2&agent=Practitioner/7')).entry?.length === 2)
})

t.test('other systems add, nobody changes', async (t) => {
  const { perform, found } = await open(t)
  const sent = {
    type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110112' },
    action: 'E',
    recorded: '2026-01-02T03:04:05+01:00',
    outcome: '0',
    agent: [{ requestor: true, who: { reference: 'Device/9' }, network: { address: '198.51.100.1' } }],
    source: { observer: { display: 'PACS' } },
    entity: [{ what: { reference: 'Patient/p9' } }],
  }
  const made = resourceOf(await perform(create('AuditEvent', sent)))
  t.match(await found('patient=p9&agent=Device/9&type=110112&date=2026-01-02'), [sent])
  t.match(resourceOf(await perform(read('AuditEvent', made.id))), sent)
  t.equal((await refusal(perform(update('AuditEvent', made.id, sent)))).status, 405)
  const remove: Request = { interaction: 'delete', type: 'AuditEvent', id: made.id, query: [] }
  t.equal((await refusal(perform(remove))).status, 405)
  t.equal((await refusal(perform(read('AuditEvent', 'x')))).status, 404)
  t.equal((await perform(read('AuditEvent', made.id, { ifNoneMatch: 'W/"1"' }))).status, 304)
  const part = resourceOf(await perform(read('AuditEvent', made.id, { query: [['_elements', 'action']] })))
  t.match(part, { action: 'E', meta: { tag: [{ code: 'SUBSETTED' }] } })
  t.notOk('entity' in part)
  t.equal((await refusal(perform(read('AuditEvent', made.id, { query: [['colour', 'red']] })))).status, 400)
  t.equal((await refusal(perform(create('AuditEvent', sent, { query: [['colour', 'red']] })))).status, 400)
  const others: [string, string][] = [
    ['_type', 'Patient,AuditEvent'],
    ['_has:AuditEvent:patient:action', 'R'],
    ['_has:Provenance:target:target:AuditEvent.action', 'R'],
  ]
  for (const pair of others) {
    const request: Request = { interaction: 'search-type', type: 'Patient', query: [pair] }
    t.match((await refusal(perform(request))).issues, [{ diagnostics: /at \/AuditEvent only/ }], pair[0])
  }
  t.equal((await refusal(perform(create('AuditEvent', { ...sent, agent: undefined })))).status, 400)
})

t.test('who made each version is told as Provenance, beside what was sent', async (t) => {
  const { perform } = await open(t)
  const about = async (query: [string, string][]): Promise<Bundle<Provenance>> =>
    resourceOf(await perform({ interaction: 'search-type', type: 'Provenance', query }))
  const provenance = JSON.stringify({
    resourceType: 'Provenance',
    recorded: '2026-01-02T03:04:05Z',
    agent: [{ who: { display: 'Laboratory' } }],
  })
  await perform(update('Patient', 'p1', patient), doctor)
  await perform(update('Patient', 'p1', patient, { provenance }), doctor)
  await perform(update('Patient', 'p10', patient), doctor)
  await perform({ interaction: 'delete', type: 'Patient', id: 'p10', query: [] }, doctor)
  const found = await about([['target', 'Patient/p1']])
  const all = (found.entry ?? []).map(({ resource }) => resource!)
  t.match(all, [
    { agent: [{ who: { display: 'Laboratory' } }] },
    { target: [{ reference: 'Patient/p1/_history/2' }], activity: { coding: [{ code: 'UPDATE' }] } },
    { target: [{ reference: 'Patient/p1/_history/1' }], agent: [{ who: { reference: 'Practitioner/7' } }] },
  ])
  t.equal(all.length, 3)
  t.match(all[2]?.agent[1], {
    who: { identifier: { value: 'chart-app' } },
    onBehalfOf: { display: 'Dr. Ada' },
  })
  for (const resource of all) {
    const text = JSON.stringify(resource)
    t.same(structure.check(JSON.parse(text), 1e6, text), [])
  }
  t.match(resourceOf(await perform(read('Provenance', all[1]!.id!))), all[1])
  t.same((await about([['target:Patient', 'p10']])).entry?.length, 2, 'of what was deleted too')
  t.equal((await about([['target', 'Patient/none']])).entry, undefined)
})

t.test('events come along with what they refer to, and with what refers to them', async (t) => {
  const { perform, found } = await open(t)
  for (const id of ['p1', 'p2']) await perform(update('Patient', id, patient), doctor)
  const [event] = await found('entity=Patient/p1')
  await perform(
    update('List', 'l1', {
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: `AuditEvent/${event!.id}` } }],
    }),
  )
  const search = async (type: string, query: [string, string][], more: Partial<Ctx> = {}) => {
    const bundle: Bundle = resourceOf(
      await perform({ interaction: 'search-type', type, query }, internal, more),
    )
    return (bundle.entry ?? []).map(({ resource, search }) => `${search?.mode} ${resource?.resourceType}`)
  }
  t.same(
    await search('Patient', [
      ['_id', 'p1'],
      ['_revinclude', 'AuditEvent:patient'],
    ]),
    ['match Patient', 'include AuditEvent'],
  )
  t.same(await search('List', [['_include', 'List:item']]), ['match List', 'include AuditEvent'])
  t.same(
    await search('List', [
      ['_include', '*'],
      ['_include:iterate', 'AuditEvent:patient'],
    ]),
    ['match List', 'include AuditEvent', 'include Patient'],
  )
  const wrong: [string, string][] = [['_revinclude', 'AuditEvent:source']]
  t.equal((await refusal(search('Device', [['_id', 'none'], ...wrong]))).status, 400)
  const reach: Ctx['access']['reach'] = (type) =>
    type === 'AuditEvent' ? { groups: [[{ kind: 'compartment', type: 'Patient', ids: ['p2'] }]] } : 'all'
  const access = { key: 'p2', reach, masked: () => [], refusal: () => '' }
  t.same(await search('List', [['_include', 'List:item']], { access }), ['match List'])
  t.same(
    await search(
      'Patient',
      [
        ['_revinclude', 'AuditEvent:patient'],
        ['_sort', '_id'],
      ],
      { access },
    ),
    ['match Patient', 'match Patient', 'include AuditEvent'],
  )
})

t.test('whose data came along with events is on record', async (t) => {
  const { perform, find, found } = await open(t)
  await perform(update('Patient', 'p1', patient))
  await perform(update('Patient', 'p2', patient))
  const { entry = [] } = await find('entity=Patient/p1&_include=AuditEvent:patient')
  t.equal(entry.at(-1)?.search?.mode, 'include')
  await find('subtype=update')
  const searches = await found('subtype=search-type&_sort=date')
  t.same(searches.map(patientsOf), [['Patient/p1'], []])
})
