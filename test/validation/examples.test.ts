/** The published examples of R4 and a synthetic population keep their structure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { readJson } from '../../src/fhir/json/read.ts'
import { createStructure } from '../../src/validation/structure.ts'

const data = join(import.meta.dirname, '../../../shared/data')
const structure = createStructure(await loadDefinitions(undefined))

/** Breaks the definition of R4: no `base`, which is mandatory, or an id of more than 64 characters. */
const bad = new Set([
  'SearchParameter/codesystem-extensions-CodeSystem-author',
  'SearchParameter/codesystem-extensions-CodeSystem-end',
  'SearchParameter/questionnaireresponse-extensions-QuestionnaireResponse-item-subject',
  'SearchParameter/valueset-extensions-ValueSet-effective',
  'SearchParameter/valueset-extensions-ValueSet-end',
])

const unzip = (...path: readonly string[]): string => gunzipSync(readFileSync(join(data, ...path))).toString()

const check = (text: string) => {
  const { value, members, text: compact } = readJson(text)
  return { name: `${value.resourceType}/${value.id}`, issues: structure.check(value, members, compact) }
}

t.test(
  'examples of R4',
  { skip: existsSync(join(data, 'r4-examples')) ? false : 'no examples here' },
  async (t) => {
    const known = JSON.parse(readFileSync(join(data, 'r4-examples', 'known-bad.json'), 'utf8'))
    const lines = ['clinical', 'definitional'].flatMap((file) =>
      unzip('r4-examples', `${file}.ndjson.gz`).split('\n'),
    )
    const results = lines.filter((line) => line !== '').map(check)
    const refused = results.filter(({ issues }) => issues.length > 0).map(({ name }) => name)
    t.same(refused.sort(), [...bad, ...Object.keys(known)].sort())
    t.ok(results.length > 3000)
  },
)

t.test(
  'synthetic patients',
  { skip: existsSync(join(data, 'synthea')) ? false : 'no patients here' },
  async (t) => {
    for (const file of readdirSync(join(data, 'synthea')).filter((name) => name.endsWith('.json.gz')))
      t.same(check(unzip('synthea', file)).issues, [], file)
  },
)
