/** Conditions inside of a transaction see what the transaction writes: http://hl7.org/fhir/R4/http.html#trules */
import t from 'tap'
import { openRest, read, refusal, resourceOf, transaction, update } from '../../support/rest.ts'

const identifier = (value: string) => [{ system: 'urn:s', value }]
const where = (value: string): string => `Patient?identifier=urn:s|${value}`
const patient = (value: string, more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: identifier(value),
  ...more,
})
const entry = (method: string, url: string, resource?: object, more: object = {}): object => ({
  ...(resource ? { resource } : {}),
  request: { method, url, ...more },
})
type Answers = { entry: { response: { status: string; location: string } }[] }
const idsOf = ({ entry }: Answers): string[] => entry.map(({ response }) => response.location.split('/')[1]!)

t.test('two conditional updates that mean the same resource are refused', async (t) => {
  const { perform } = await openRest(t)
  const twice = transaction([entry('PUT', where('1'), patient('1')), entry('PUT', where('1'), patient('1'))])
  const nothingYet = await refusal(perform(twice))
  t.match([nothingYet.status, nothingYet.issues[0]?.code], [400, 'duplicate'])
  await perform(update('Patient', 'p', { identifier: identifier('1') }))
  const there = await refusal(perform(twice))
  t.match([there.status, there.issues[0]?.code], [400, 'duplicate'])
  const byId = transaction([
    entry('PUT', where('1'), patient('1')),
    entry('PUT', 'Patient/p', patient('1', { id: 'p' })),
  ])
  t.equal((await refusal(perform(byId))).status, 400)
  t.equal(resourceOf(await perform(read('Patient', 'p'))).meta.versionId, '1')
})

t.test(
  'a conditional update takes what a create of the same transaction makes: refused as overlap',
  async (t) => {
    const { perform } = await openRest(t)
    const both = transaction([entry('POST', 'Patient', patient('1')), entry('PUT', where('1'), patient('1'))])
    t.equal((await refusal(perform(both))).status, 400)
  },
)

t.test(
  'conditional updates of different resources, one of which moves out of the other one’s condition',
  async (t) => {
    const { perform } = await openRest(t)
    await perform(update('Patient', 'a', { identifier: identifier('1') }))
    const reply = resourceOf(
      await perform(
        transaction([
          entry('PUT', 'Patient/a', patient('2', { id: 'a' })),
          entry('PUT', where('1'), patient('1', { active: true })),
        ]),
      ),
    ) as Answers
    t.same(
      reply.entry.map(({ response }) => response.status),
      ['200 OK', '201 Created'],
    )
    t.not(idsOf(reply)[1], 'a')
  },
)

t.test('deleted and created anew under one condition', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'old', { identifier: identifier('1') }))
  const reply = resourceOf(
    await perform(
      transaction([
        entry('POST', 'Patient', patient('1'), { ifNoneExist: 'identifier=urn:s|1' }),
        entry('DELETE', where('1')),
      ]),
    ),
  ) as Answers
  t.same(
    reply.entry.map(({ response }) => response.status),
    ['201 Created', '204 No Content'],
  )
  t.equal((await refusal(perform(read('Patient', 'old')))).status, 410)
})

t.test('a condition with If-Match holds over the version that it selects', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { identifier: identifier('1') }))
  const at = (ifMatch: string) => transaction([entry('PUT', where('1'), patient('1'), { ifMatch })])
  t.equal((await refusal(perform(at('W/"2"')))).status, 412)
  t.equal(resourceOf(await perform(at('W/"1"'))).entry[0].response.etag, 'W/"2"')
})

t.test('links to whatever a condition selected', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { identifier: identifier('1') }))
  const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-00000000000${n}`
  const observation = (reference: string): object => ({
    fullUrl: 'urn:oid:1.2.3.4',
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      subject: { reference },
      focus: [{ reference: urn(2) }, { reference: 'urn:oid:1.2.3.4' }],
    },
    request: { method: 'POST', url: 'Observation' },
  })
  const reply = resourceOf(
    await perform(
      transaction([
        observation(urn(1)),
        { fullUrl: urn(1), ...entry('POST', 'Patient', patient('1'), { ifNoneExist: 'identifier=urn:s|1' }) },
        { fullUrl: urn(2), ...entry('PUT', where('2'), patient('2')) },
      ]),
    ),
  ) as Answers
  const [own, kept, made] = idsOf(reply)
  t.equal(kept, 'p')
  const stored = resourceOf(await perform(read('Observation', own!)))
  t.equal(stored.subject.reference, 'Patient/p')
  t.same(
    stored.focus.map(({ reference }: { reference: string }) => reference),
    [`Patient/${made}`, `Observation/${own}`],
    'urn:oid too, and to itself',
  )
})

t.test('two entries with one fullUrl are refused', async (t) => {
  const { perform } = await openRest(t)
  const same = {
    fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001',
    ...entry('POST', 'Patient', patient('1')),
  }
  const problem = await refusal(perform(transaction([same, same])))
  t.match([problem.status, problem.issues[0]?.code], [400, 'duplicate'])
})
