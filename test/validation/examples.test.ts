/** The published examples of R4 and a synthetic population keep their structure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { readJson } from '../../src/fhir/json/read.ts'
import { createStructure } from '../../src/validation/structure.ts'
import { loadedValidator, standard } from '../support/validator.ts'

/** A busy machine takes its time for some ten thousand resources. */
t.setTimeout(0)

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

/** Keeps its structure and breaks another rule of R4. */
const broken: Readonly<Record<string, string>> = {
  'Basic/referral': 'modifier extensions whose definitions nobody has',
  'CapabilityStatement/terminology-server': 'says other types than the definitions of its parameters',
  'DeviceMetric/example': 'parent refers to a DeviceDefinition, and only Device is allowed',
  'DeviceUseStatement/example': 'reasonReference refers to a Procedure, which is not allowed',
  'EventDefinition/example': 'has a narrative of blanks (txt-2)',
  'MedicationRequest/medrx0301':
    'dispenseRequest.performer refers to a Practitioner, and only Organization is allowed',
  'Observation/example-genetics-brcapat': 'has US Core’s ethnicity in an Observation, in the form of DSTU2',
  'Questionnaire/zika-virus-exposure-assessment': 'has a narrative of blanks (txt-2)',
  'StructureDefinition/Definition': 'is not abstract and has no baseDefinition (sdf-4)',
  'StructureDefinition/Event': 'is not abstract and has no baseDefinition (sdf-4)',
  'StructureDefinition/Request': 'is not abstract and has no baseDefinition (sdf-4)',
}

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

t.test(
  'examples of R4 by all rules',
  { skip: existsSync(join(data, 'r4-examples')) ? false : 'no examples here' },
  async (t) => {
    const validator = await loadedValidator()
    const known = JSON.parse(readFileSync(join(data, 'r4-examples', 'known-bad.json'), 'utf8'))
    const refused = ['clinical', 'definitional']
      .flatMap((file) => unzip('r4-examples', `${file}.ndjson.gz`).split('\n'))
      .filter((line) => line !== '')
      .map((line) => readJson(line).value)
      .filter((value) =>
        validator
          .validate(String(value.resourceType), value, standard)
          .issues.some(({ severity }) => severity === 'error'),
      )
      .map((value) => `${value.resourceType}/${value.id}`)
    t.same(refused.sort(), [...bad, ...Object.keys(known), ...Object.keys(broken)].sort())
  },
)

t.test(
  'synthetic patients by all rules',
  { skip: existsSync(join(data, 'synthea')) ? false : 'no patients here' },
  async (t) => {
    const validator = await loadedValidator()
    for (const file of readdirSync(join(data, 'synthea')).filter((name) => name.endsWith('.json.gz'))) {
      const { value } = readJson(unzip('synthea', file))
      const { issues } = validator.validate('Bundle', value, standard)
      t.same(
        issues.filter(({ severity }) => severity === 'error'),
        [],
        file,
      )
    }
  },
)
