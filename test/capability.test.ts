import { readFileSync } from 'node:fs'
import t from 'tap'
import { capabilitiesText } from '../src/capability-text.ts'
import { loadDefinitions } from '../src/fhir/definitions/load.ts'
import { createCapabilities } from '../src/rest/index.ts'
import { createSearch } from '../src/search/index.ts'
import { createStructure } from '../src/validation/structure.ts'

const file = new URL('../capability-statement.json', import.meta.url)
const definitions = await loadDefinitions(undefined)
const search = createSearch(definitions)

const statement = (over: { updateAsCreate?: boolean; cors?: boolean; references?: 'off' | 'enforced' }) => {
  const { updateAsCreate = true, cors = false, references = 'off' } = over
  const claims = { definitions, search, options: { updateAsCreate }, references, cors, version: '1' }
  return JSON.parse(createCapabilities(claims)('http://x/fhir', 'full'))
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
