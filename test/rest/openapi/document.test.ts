import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createOpenApi, loadOperations } from '../../../src/rest/index.ts'
import { createSearch } from '../../../src/search/index.ts'

const definitions = await loadDefinitions(undefined)
const search = createSearch(definitions)
const operations = await loadOperations()
const openApi = createOpenApi({ definitions, search, operations, version: '1.2.3' })
const document = JSON.parse(openApi('http://x.example/fhir'))

t.test('the document is OpenAPI 3.1 to a validator of others', async (t) => {
  const validator = new Validator()
  t.match(await validator.validate(JSON.parse(openApi('http://x.example/fhir'))), { valid: true })
  t.equal(validator.version, '3.1')
})

t.test('every reference leads somewhere', async (t) => {
  const text = openApi('http://x.example/fhir')
  const lost = new Set<string>()
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let found: unknown = document
    for (const part of pointer.split('/')) found = (found as Record<string, unknown> | undefined)?.[part]
    if (found === undefined) lost.add(pointer)
  }
  t.strictSame([...lost], [])
})

t.test('names of what can be done are unique', async (t) => {
  const names = Object.values(
    document.paths as Record<string, Record<string, { operationId?: string }>>,
  ).flatMap((item) => Object.values(item).flatMap(({ operationId }) => operationId ?? []))
  t.ok(names.length > 1000)
  t.equal(new Set(names).size, names.length)
})

t.test('types, search parameters and operations stand in it', async (t) => {
  const { paths, components } = document
  t.match(components.schemas.Patient, {
    additionalProperties: false,
    required: ['resourceType'],
    properties: {
      birthDate: { $ref: '#/components/schemas/date' },
      _birthDate: {},
      contact: { type: 'array' },
    },
  })
  const names = paths['/Observation'].get.parameters.map(({ name }: { name?: string }) => name)
  t.ok(names.includes('code-value-quantity'))
  t.ok(paths['/ValueSet/$expand'].get)
  t.notOk(paths['/$reindex'].get, 'what changes something is called with POST')
  t.equal(document.servers[0].url, 'http://x.example/fhir')
})
