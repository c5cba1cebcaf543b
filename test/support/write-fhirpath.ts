/** Writes conformance/FHIRPATH.md: `npm run conformance:fhirpath`. */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { fhirpathPage } from './fhirpath-page.ts'
import { readSuite } from './fhirpath-suite.ts'

const suite = readSuite()
if (!suite) throw new Error('The suite is not there: ../shared/data/fhirpath-r4/tests.json')
const definitions = await loadDefinitions(join(tmpdir(), 'lamplight-definitions'))
writeFileSync(
  fileURLToPath(new URL('../../conformance/FHIRPATH.md', import.meta.url)),
  fhirpathPage(suite, definitions),
)
