import { readFileSync } from 'node:fs'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { fhirpathPage } from '../../support/fhirpath-page.ts'
import { readSuite } from '../../support/fhirpath-suite.ts'

const suite = readSuite()
const skip = suite ? false : 'the shared data are absent'

t.test('FHIRPATH.md says what the suite gives today', { skip }, async (t) => {
  const page = readFileSync(new URL('../../../conformance/FHIRPATH.md', import.meta.url), 'utf8')
  t.equal(
    page,
    fhirpathPage(suite ?? [], await loadDefinitions(undefined)),
    'run: npm run conformance:fhirpath',
  )
})
