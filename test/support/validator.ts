/** A validator over every definition that comes with the server, for tests and benchmarks without a database. */
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { loadCanonicals } from '../../src/fhir/definitions/load-canonicals.ts'
import { createTerminology } from '../../src/terminology/index.ts'
import { createValidator } from '../../src/validation/index.ts'
import type { ValidationOptions } from '../../src/validation/model.ts'

/** `cacheFolder` makes the next start faster. */
export const loadedValidator = async (cacheFolder?: string) => {
  const definitions = await loadDefinitions(cacheFolder)
  const { canonicals } = await loadCanonicals(cacheFolder)
  const membership = createTerminology(() => canonicals).membership(0)
  return createValidator({ definitions, canonicals, membership })
}

export const standard: ValidationOptions = {
  mode: 'standard',
  profiles: [],
  now: '2026-11-21T00:00:00Z',
  bestPractice: 'ignore',
}
