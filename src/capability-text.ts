/** The committed CapabilityStatement: with default settings, under the default base URL, indented for people. */
import packageFile from '../package.json' with { type: 'json' }
import { auditEventsKept } from './audit/index.ts'
import { loadDefinitions } from './fhir/definitions/load.ts'
import { pretty } from './fhir/json/pretty.ts'
import { createCapabilities, loadOperations } from './rest/index.ts'
import { createSearch } from './search/index.ts'

/** The text of capability-statement.json, ending in a newline. */
export const capabilitiesText = async (): Promise<string> => {
  const definitions = await loadDefinitions(undefined)
  const capabilities = createCapabilities({
    definitions,
    search: createSearch(definitions),
    operations: await loadOperations(),
    keepers: new Map([['AuditEvent', auditEventsKept]]),
    options: { updateAsCreate: true },
    references: 'checked',
    version: packageFile.version,
    cors: false,
    authorization: 'on',
  })
  return `${pretty(capabilities('http://127.0.0.1:8080/fhir'))}\n`
}
