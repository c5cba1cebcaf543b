import { readFileSync } from 'node:fs'
import t from 'tap'
import { fhirpathPage } from '../../conformance/fhirpath-page.ts'
import { readSuite } from '../../conformance/fhirpath-suite.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'

const suite = readSuite()
const skip = suite ? false : 'the shared data are absent'

t.test('FHIRPATH.md says what the suite gives today', { skip }, async (t) => {
  const page = readFileSync(new URL('../../conformance/FHIRPATH.md', import.meta.url), 'utf8')
  t.equal(
    page,
    fhirpathPage(suite ?? [], await loadDefinitions(undefined)),
    'run: node conformance/fhirpath.ts',
  )
})
