/** What this server claims, from the same registries that it works with: http://hl7.org/fhir/R4/capabilitystatement.html */
import type { Definitions } from '../fhir/definitions/model.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import type { Search } from '../search/index.ts'
import type { ReferencePolicy } from '../store/index.ts'
import type { RestOptions } from './house.ts'

export type Claims = {
  readonly definitions: Definitions
  readonly search: Search
  readonly options: Pick<RestOptions, 'updateAsCreate'>
  readonly references: ReferencePolicy
  /** Whether browser applications of some other origin may call. */
  readonly cors: boolean
  /** Of this software, as in package.json. */
  readonly version: string
}

/** When the claims were last revised: the statement is about the software, not about the moment of asking. */
const revised = '2026-11-21'

const interactions = [
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
].map((code) => ({ code }))

const referencePolicies: Record<ReferencePolicy, readonly string[]> = {
  off: ['literal', 'logical'],
  checked: ['literal', 'logical'],
  enforced: ['literal', 'logical', 'enforced'],
}

const resourceOf = (claims: Claims, type: string): object => ({
  type,
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  interaction: interactions,
  versioning: 'versioned-update',
  readHistory: true,
  updateCreate: claims.options.updateAsCreate,
  conditionalCreate: true,
  conditionalRead: 'full-support',
  conditionalUpdate: true,
  conditionalDelete: 'single',
  referencePolicy: referencePolicies[claims.references],
  searchInclude: ['*', ...claims.search.includes(type).include],
  searchRevInclude: ['*', ...claims.search.includes(type).revinclude],
  searchParam: claims.search
    .parameters(type)
    .map(({ code, url, type: kind }) => ({ name: code, definition: url, type: kind })),
})

const capabilityStatement = (claims: Claims, base: string): object => ({
  resourceType: 'CapabilityStatement',
  url: `${base}/metadata`,
  version: claims.version,
  name: 'Lamplight',
  title: 'Lamplight FHIR R4 server',
  status: 'active',
  date: revised,
  kind: 'instance',
  software: { name: 'Lamplight', version: claims.version },
  implementation: { description: 'Lamplight FHIR R4 server', url: base },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json', 'json'],
  patchFormat: ['application/json-patch+json', 'application/merge-patch+json', 'application/fhir+json'],
  rest: [
    {
      mode: 'server',
      documentation:
        'Content comes back as it was sent: numbers, order of members and strings. Unknown elements and parameters are refused; Prefer: handling=lenient reports unknown search parameters instead.',
      security: {
        cors: claims.cors,
        description:
          'This version has no authorization; it answers on the loopback interface only unless told otherwise.',
      },
      resource: resourceTypes.map((type) => resourceOf(claims, type)),
      compartment: [...claims.definitions.compartments.keys()].map(
        (name) => `http://hl7.org/fhir/CompartmentDefinition/${name.toLowerCase()}`,
      ),
      interaction: ['transaction', 'batch', 'search-system', 'history-system'].map((code) => ({ code })),
    },
  ],
})

const terminologyCapabilities = (claims: Claims, base: string): object => ({
  resourceType: 'TerminologyCapabilities',
  url: `${base}/metadata?mode=terminology`,
  version: claims.version,
  name: 'Lamplight',
  status: 'active',
  date: revised,
  kind: 'instance',
  software: { name: 'Lamplight', version: claims.version },
  implementation: {
    description: 'Lamplight FHIR R4 server: terminology operations are not offered',
    url: base,
  },
})

/** Gives the statement's text for a base URL and a mode; each is made once. */
export const createCapabilities = (claims: Claims): ((base: string, mode: string) => string) => {
  const made = new Map<string, string>()
  return (base, mode) => {
    const key = `${mode} ${base}`
    const known = made.get(key)
    if (known !== undefined) return known
    const statement =
      mode === 'terminology' ? terminologyCapabilities(claims, base) : capabilityStatement(claims, base)
    const text = JSON.stringify(statement)
    // Host headers choose the base: a caller must not be able to fill the memory with them.
    if (made.size >= 16) made.clear()
    made.set(key, text)
    return text
  }
}
