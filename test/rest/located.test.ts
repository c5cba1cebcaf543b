import t from 'tap'
import { loadCanonicals } from '../../src/fhir/definitions/load-canonicals.ts'
import { openRest, refusal, resourceOf } from '../support/rest.ts'

const { canonicals } = await loadCanonicals(undefined)
const validation = { mode: 'standard', bestPractice: 'ignore', enforced: new Map() } as const
const text = '{\n "resourceType": "Patient",\n "contact": [\n  { "gender": "male" } ] }'
const xml = '<Patient xmlns="http://hl7.org/fhir"><contact>\n<gender value="male"/></contact></Patient>'
const json = '{"resourceType":"Patient","contact":[{"gender":"male"}]}'

t.test('findings have the line and the column of what was sent', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation })
  const create = { interaction: 'create', type: 'Patient', query: [] } as const
  t.match(await refusal(perform({ ...create, body: { text } })), { issues: [{ line: 4, column: 3 }] })
  t.match(await refusal(perform({ ...create, body: { text: json, xml } })), {
    issues: [{ rule: 'pat-1', line: 1, column: 38 }],
  })
  const doubtful = '{"resourceType":"Patient","meta":{\n"profile":["http://x/none"]}}'
  const { outcome = [] } = await perform({ ...create, body: { text: doubtful }, return: 'OperationOutcome' })
  t.match(
    outcome.filter(({ rule }) => rule === 'profile-unknown'),
    [{ line: 1, column: 1 }],
  )
})

t.test('of Bundles and of Parameters those in the whole body', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation })
  const bundle = (type: string) => ({
    text: `{"resourceType":"Bundle","type":"${type}","entry":[\n{"request":{"method":"POST","url":"Patient"},\n"resource":${json}}]}`,
  })
  const sent = { interaction: 'batch', query: [] } as const
  t.match(await refusal(perform({ ...sent, body: bundle('transaction') })), {
    issues: [{ line: 3, column: 49 }],
  })
  const { entry } = resourceOf(await perform({ ...sent, body: bundle('batch') }))
  t.match(entry[0].response.outcome.issue[0].extension, [{ valueInteger: 3 }, { valueInteger: 49 }])
  const parameters = `{"resourceType":"Parameters","parameter":[{"name":"mode","valueCode":"create"},\n{"name":"resource","resource":${json}}]}`
  const { issue } = resourceOf(
    await perform({
      interaction: 'operation',
      type: 'Patient',
      operation: 'validate',
      posted: true,
      query: [],
      body: { text: parameters },
    }),
  )
  t.match(issue[0].extension, [{ valueInteger: 2 }, { valueInteger: 68 }])
})

t.test('a patch has no place for what is wrong with its result', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation })
  const body = { text: '{"resourceType":"Patient","id":"p"}' }
  await perform({ interaction: 'update', type: 'Patient', id: 'p', query: [], body })
  const patch = { text: '{"contact":[{"gender":"male"}]}', patch: 'merge-patch' } as const
  const { issues } = await refusal(
    perform({ interaction: 'patch', type: 'Patient', id: 'p', query: [], body: patch }),
  )
  t.match(issues, [{ rule: 'pat-1', line: undefined }])
})
