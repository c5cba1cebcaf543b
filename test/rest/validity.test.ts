import t from 'tap'
import { loadCanonicals } from '../../src/fhir/definitions/load-canonicals.ts'
import { create, ctxAt, openRest, refusal, resourceOf, update } from '../support/rest.ts'

const { canonicals } = await loadCanonicals(undefined)
const settings = { mode: 'standard', bestPractice: 'ignore', enforced: new Map() } as const

const nameless = { resourceType: 'Patient', contact: [{ gender: 'male' }] }
const strange = { resourceType: 'Patient', meta: { profile: ['http://x/none'] }, active: true }

t.test('what breaks a rule is refused wherever it is written', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation: settings })
  const broken = {
    status: 422,
    issues: [{ code: 'invariant', rule: 'pat-1', expression: ['Patient.contact[0]'] }],
  }
  t.match(await refusal(perform(create('Patient', nameless))), broken)
  t.match(await refusal(perform(update('Patient', 'p', { ...nameless, id: 'p' }))), broken)
  await perform(update('Patient', 'p', { resourceType: 'Patient', id: 'p', active: true }))
  const patch = {
    text: JSON.stringify([{ op: 'add', path: '/contact', value: nameless.contact }]),
    patch: 'json-patch',
  } as const
  t.match(
    await refusal(perform({ interaction: 'patch', type: 'Patient', id: 'p', query: [], body: patch })),
    broken,
  )
  for (const type of ['transaction', 'batch']) {
    const entry = [{ request: { method: 'POST', url: 'Patient' }, resource: nameless }]
    const body = { text: JSON.stringify({ resourceType: 'Bundle', type, entry }) }
    const done = perform({ interaction: 'batch', query: [], body })
    if (type === 'transaction') t.match(await refusal(done), { status: 422 })
    else t.equal(resourceOf(await done).entry[0].response.status, '422')
  }
})

t.test('a structure that is wrong is told with the rules that are broken', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation: settings })
  const { status, issues } = await refusal(perform(create('Patient', { ...nameless, birthDate: 'x' })))
  t.equal(status, 400)
  t.strictSame(issues.map(({ expression }) => expression?.[0]).toSorted(), [
    'Patient.birthDate',
    'Patient.contact[0]',
  ])
})

t.test('what cannot be judged is a warning, an error in strict mode, and nothing when off', async (t) => {
  for (const [mode, status] of [
    ['standard', 201],
    ['off', 201],
    ['strict', 422],
  ] as const) {
    const { perform } = await openRest(t, { canonicals, validation: { ...settings, mode } })
    const asked = create('Patient', strange, { return: 'OperationOutcome' })
    if (status === 422)
      t.match(await refusal(perform(asked)), { status, issues: [{ rule: 'profile-unknown' }] })
    else {
      const { outcome = [] } = await perform(asked)
      t.equal(
        outcome.some(({ severity }) => severity === 'warning'),
        mode === 'standard',
        mode,
      )
    }
  }
})

t.test('profiles of the operator are held to without being named', async (t) => {
  const enforced = new Map([['Observation', ['http://hl7.org/fhir/StructureDefinition/bodyweight']]])
  const { perform } = await openRest(t, { canonicals, validation: { ...settings, enforced } })
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } }
  t.match(await refusal(perform(create('Observation', observation))), { status: 422 })
})

t.test('each hospital has its own mode', async (t) => {
  const { perform, rest } = await openRest(t, { canonicals, validation: settings })
  const parameter = [
    { name: 'name', valueString: 'north' },
    { name: 'validation', valueCode: 'strict' },
  ]
  const text = JSON.stringify({ resourceType: 'Parameters', parameter })
  const call = {
    interaction: 'operation',
    operation: 'tenant-create',
    posted: true,
    query: [],
    body: { text },
  } as const
  const [number] = resourceOf(await perform(call)).parameter
  const there = ctxAt(Date.now(), number.valueInteger)
  t.match(await refusal(rest.perform(there, create('Patient', strange))), { status: 422 })
  t.equal((await perform(create('Patient', strange))).status, 201)
})

t.test('$validate', async (t) => {
  const { perform } = await openRest(t, { canonicals, validation: { ...settings, mode: 'off' } })
  const validate = async (resource: object | undefined, more: object = {}) =>
    resourceOf(
      await perform({
        interaction: 'operation',
        operation: 'validate',
        type: 'Patient',
        posted: true,
        query: [],
        ...(resource ? { body: { text: JSON.stringify(resource) } } : {}),
        ...more,
      }),
    ).issue
  t.match(
    await validate(nameless),
    [{ severity: 'error', code: 'invariant' }],
    'also where writes are not judged',
  )
  t.match(await validate({ resourceType: 'Patient', active: true }), [{ severity: 'information' }])
  t.match(
    await validate({ resourceType: 'Patient', managingOrganization: { reference: 'Organization/none' } }),
    [{ severity: 'error', code: 'not-found', expression: ['Patient.managingOrganization'] }],
  )
  await perform(update('Patient', 'p', { ...nameless, id: 'p' }))
  t.match(await validate(undefined, { id: 'p', posted: false }), [{ code: 'invariant' }], 'what is stored')
})
