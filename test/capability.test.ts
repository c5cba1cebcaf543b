import { readFileSync } from 'node:fs'
import t from 'tap'
import { capabilitiesText } from '../src/capability-text.ts'
import { loadDefinitions } from '../src/fhir/definitions/load.ts'
import { createCapabilities } from '../src/rest/index.ts'
import { defineOperation } from '../src/rest/operation.ts'
import { createSearch } from '../src/search/index.ts'
import { createStructure } from '../src/validation/structure.ts'

const file = new URL('../capability-statement.json', import.meta.url)
const definitions = await loadDefinitions(undefined)
const search = createSearch(definitions)

const expand = defineOperation({
  code: 'expand',
  url: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  on: ['type', 'instance'],
  types: ['ValueSet'],
  affectsState: false,
  input: {},
  run: () => ({ status: 204 }),
})

const statement = (over: { updateAsCreate?: boolean; cors?: boolean; references?: 'off' | 'enforced' }) => {
  const { updateAsCreate = true, cors = false, references = 'off' } = over
  const claims = {
    definitions,
    search,
    operations: [expand],
    options: { updateAsCreate },
    references,
    authorization: 'on' as const,
    cors,
    version: '1',
  }
  return JSON.parse(createCapabilities(claims)('http://x/fhir'))
}

t.test('the committed statement is what the registries say', async (t) => {
  t.equal(readFileSync(file, 'utf8'), await capabilitiesText(), 'npm run capability writes it anew')
})

t.test('the statement itself has the structure of a CapabilityStatement', async (t) => {
  const { explain } = createStructure(definitions)
  t.strictSame(explain(JSON.parse(await capabilitiesText())), [])
})

t.test('claims follow the configuration', async (t) => {
  t.match(statement({ cors: true }), { rest: [{ security: { cors: true } }] })
  t.match(statement({}), { rest: [{ security: { cors: false } }] })
  t.equal(statement({ updateAsCreate: false }).rest[0].resource[0].updateCreate, false)
  t.strictSame(statement({ references: 'enforced' }).rest[0].resource[0].referencePolicy, [
    'literal',
    'logical',
    'enforced',
  ])
})

t.test('operations stand with their types', async (t) => {
  const { resource } = statement({}).rest[0]
  const { operation } = resource.find(({ type }: { type: string }) => type === 'ValueSet')
  t.strictSame(operation, [
    { name: 'expand', definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand' },
  ])
  t.notOk(resource.find(({ type }: { type: string }) => type === 'Patient').operation)
})
