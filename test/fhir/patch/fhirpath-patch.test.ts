import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { Problem } from '../../../src/base/problem.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { parseLossless } from '../../../src/fhir/json/lossless.ts'
import { applyFhirPathPatch } from '../../../src/fhir/patch/fhirpath-patch.ts'

const definitions = await loadDefinitions(undefined)

type Part = Record<string, unknown>
const operation = (parts: Record<string, Part>): object => ({
  name: 'operation',
  part: Object.entries(parts).map(([name, given]) => ({ name, ...given })),
})
const code = (valueCode: string): Part => ({ valueCode })
const text = (valueString: string): Part => ({ valueString })
const integer = (valueInteger: number): Part => ({ valueInteger })

const patch = (resource: object, ...operations: object[]): unknown => {
  const tree = parseLossless(JSON.stringify(resource))
  const before = JSON.stringify(tree)
  const body = JSON.stringify({ resourceType: 'Parameters', parameter: operations })
  const result = applyFhirPathPatch(definitions, tree, body)
  t.equal(JSON.stringify(tree), before, 'the given tree stays')
  return JSON.parse(JSON.stringify(result))
}
const statusOf = (resource: object, operations: readonly object[]): number => {
  try {
    patch(resource, ...operations)
    return 200
  } catch (error) {
    if (error instanceof Problem) return error.status
    throw error
  }
}
const refused = (resource: object, status: number, ...operations: object[]) =>
  t.equal(statusOf(resource, operations), status, JSON.stringify(operations))

const patient = {
  resourceType: 'Patient',
  birthDate: '1920-01-01',
  _birthDate: { extension: [{ url: 'http://x', valueString: 'a' }] },
  name: [
    { use: 'official', given: ['a', 'b'], _given: [null, { id: 'g' }] },
    { use: 'usual', family: 'f' },
  ],
  contact: [{ name: { text: 'n' } }],
  multipleBirthInteger: 2,
}

t.test('replace', async (t) => {
  const value = { valueDate: '1930-01-01' }
  const changed = patch(patient, operation({ type: code('replace'), path: text('Patient.birthDate'), value }))
  t.match(changed, { birthDate: '1930-01-01' })
  t.notOk(Object.hasOwn(changed as object, '_birthDate'), 'the extensions belonged to the old value')
  const choice = patch(
    patient,
    operation({ type: code('replace'), path: text('Patient.multipleBirth'), value: { valueBoolean: true } }),
  ) as Record<string, unknown>
  t.equal(choice.multipleBirthBoolean, true)
  t.notOk('multipleBirthInteger' in choice)
  refused(
    patient,
    422,
    operation({ type: code('replace'), path: text('Patient.gender'), value: { valueCode: 'male' } }),
  )
  refused(
    patient,
    422,
    operation({ type: code('replace'), path: text('Patient.name'), value: { valueHumanName: {} } }),
  )
  refused(
    patient,
    422,
    operation({ type: code('replace'), path: text('Patient.birthDate'), value: { valueQuantity: {} } }),
  )
})

t.test('delete', async (t) => {
  const deleted = patch(
    patient,
    operation({ type: code('delete'), path: text('Patient.birthDate') }),
  ) as object
  t.notOk('birthDate' in deleted || '_birthDate' in deleted)
  const extension = patch(
    patient,
    operation({ type: code('delete'), path: text('Patient.birthDate.extension') }),
  )
  t.match(extension, { birthDate: '1920-01-01' })
  t.notOk('_birthDate' in (extension as object))
  const emptied = patch(
    patient,
    operation({ type: code('delete'), path: text('Patient.contact[0].name.text') }),
  )
  t.notOk('contact' in (emptied as object), 'FHIR has no empty objects')
  t.same(patch(patient, operation({ type: code('delete'), path: text('Patient.gender') })), patient)
  const given = patch(
    patient,
    operation({ type: code('delete'), path: text("Patient.name.where(use='official').given[0]") }),
  )
  t.same((given as typeof patient).name[0], { use: 'official', given: ['b'], _given: [{ id: 'g' }] })
  refused(patient, 422, operation({ type: code('delete'), path: text('Patient.name') }))
  refused(patient, 422, operation({ type: code('delete'), path: text('Patient') }))
})

t.test('add', async (t) => {
  const contact = {
    type: code('add'),
    path: text('Patient'),
    name: text('contact'),
    value: {
      part: [
        { name: 'name', valueHumanName: { text: 'a name' } },
        { name: 'gender', valueCode: 'female' },
      ],
    },
  }
  t.match(patch({ resourceType: 'Patient' }, operation(contact)), {
    contact: [{ name: { text: 'a name' }, gender: 'female' }],
  })
  t.equal((patch(patient, operation(contact)) as typeof patient).contact.length, 2)
  const add = (path: string, name: string, value: Part) =>
    operation({ type: code('add'), path: text(path), name: text(name), value })
  t.match(
    patch({ resourceType: 'Observation' }, add('Observation', 'value', { valueQuantity: { value: 1 } })),
    {
      valueQuantity: { value: 1 },
    },
  )
  t.match(
    patch(patient, add('Patient.name[1].family', 'extension', { valueExtension: { url: 'http://y' } })),
    {
      name: [{}, { _family: { extension: [{ url: 'http://y' }] } }],
    },
  )
  t.match(patch(patient, add('Patient.name[0].given[0]', 'id', { valueString: 'i' })), {
    name: [{ _given: [{ id: 'i' }, { id: 'g' }] }],
  })
  refused(patient, 422, add('Patient', 'birthDate', { valueDate: '2000' }))
  refused(patient, 422, add('Patient', 'multipleBirth', { valueBoolean: true }))
  refused(patient, 422, add('Patient', '__proto__', { valueString: 'x' }))
  refused(patient, 422, add('Patient', 'constructor', { valueString: 'x' }))
  refused(patient, 422, add('Patient.name', 'family', { valueString: 'x' }))
  refused(patient, 422, add('Observation', 'status', { valueCode: 'final' }))
  t.equal(({} as Record<string, unknown>).polluted, undefined)
})

t.test('insert and move', async (t) => {
  const insert = (path: string, index: number, value: Part) =>
    operation({ type: code('insert'), path: text(path), index: integer(index), value })
  const move = (path: string, source: number, destination: number) =>
    operation({
      type: code('move'),
      path: text(path),
      source: integer(source),
      destination: integer(destination),
    })
  t.same(
    (patch(patient, insert('Patient.name[0].given', 1, { valueString: 'x' })) as typeof patient).name[0],
    {
      use: 'official',
      given: ['a', 'x', 'b'],
      _given: [null, null, { id: 'g' }],
    },
  )
  t.same((patch(patient, move('Patient.name[0].given', 1, 0)) as typeof patient).name[0], {
    use: 'official',
    given: ['b', 'a'],
    _given: [{ id: 'g' }, null],
  })
  t.match(
    patch({ resourceType: 'Patient' }, insert('Patient.name', 0, { valueHumanName: { family: 'z' } })),
    {
      name: [{ family: 'z' }],
    },
  )
  refused(patient, 422, insert('Patient.name', 3, { valueHumanName: { family: 'z' } }))
  refused(patient, 422, insert('Patient.birthDate', 0, { valueDate: '2000' }))
  refused(patient, 422, insert("Patient.name.where(use='usual')", 0, { valueHumanName: { family: 'z' } }))
  refused(patient, 422, move('Patient.name', 0, 2))
})

t.test('malformed and hostile patches', async () => {
  refused(patient, 400, { name: 'other', part: [] })
  refused(patient, 400, operation({ type: code('add'), path: text('Patient') }))
  refused(patient, 400, operation({ type: code('delete'), path: text('Patient.(') }))
  refused(patient, 400, operation({ type: code('delete'), path: text('Patient.name'), index: integer(0) }))
  refused(patient, 400, operation({ type: code('destroy'), path: text('Patient') }))
  refused(
    patient,
    400,
    operation({ type: code('delete'), path: text("Patient.name.where(family.matches('(a+)+$'))") }),
  )
  refused(patient, 400, operation({ type: code('delete'), path: text('Patient.name.repeat($this)') }))
  refused(patient, 400, operation({ type: code('delete'), path: text(`Patient${'.name'.repeat(300)}`) }))
  refused(patient, 422, operation({ type: code('delete'), path: text('1 + 1') }))
  const parsed = '{"resourceType":"Patient","x":1.00}'
  const tree = parseLossless(parsed)
  const none = applyFhirPathPatch(definitions, tree, '{"resourceType":"Parameters"}')
  t.equal(JSON.stringify(none), parsed)
})

const shared = new URL('../../../../shared/data/patch/fhir-patch-tests.json', import.meta.url)
t.test(
  'the cases of HL7',
  { skip: existsSync(shared) ? false : 'the test cases are not here' },
  async (t) => {
    const cases = JSON.parse(readFileSync(shared, 'utf8')) as Record<string, unknown>[]
    for (const { name, input, diff, output } of cases) {
      const result = applyFhirPathPatch(definitions, input as never, JSON.stringify(diff))
      t.same(result, output, String(name))
    }
  },
)
