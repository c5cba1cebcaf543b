/** What this server knows of terminology: http://hl7.org/fhir/R4/terminologycapabilities.html */
import { offeredSystems, type Scope } from '../terminology/index.ts'
import type { Operation } from './operation.ts'

type Parts = {
  readonly base: string
  readonly version: string
  readonly date: string
  readonly scope: Scope
  readonly operations: readonly Operation[]
}

/** The parameters of $expand. */
const expansionParameters = (operations: readonly Operation[]) =>
  Object.keys(operations.find(({ code }) => code === 'expand')?.input ?? {}).map((name) => ({ name }))

export const terminologyCapabilities = ({ base, version, date, scope, operations }: Parts) => ({
  resourceType: 'TerminologyCapabilities',
  url: `${base}/metadata?mode=terminology`,
  version,
  name: 'Lamplight',
  status: 'active',
  date,
  kind: 'instance',
  software: { name: 'Lamplight', version },
  implementation: { description: 'Lamplight FHIR R4 server', url: base },
  codeSystem: offeredSystems(scope).map(({ url, versions }) => ({
    uri: url,
    ...(versions.length === 0
      ? {}
      : { version: versions.map((code, index) => ({ code, isDefault: index === 0 })) }),
    subsumption: true,
  })),
  expansion: {
    hierarchical: true,
    paging: true,
    incomplete: false,
    parameter: expansionParameters(operations),
  },
  codeSearch: 'all',
  validateCode: { translations: false },
  translation: { needsMap: true },
  closure: { translation: false },
})
