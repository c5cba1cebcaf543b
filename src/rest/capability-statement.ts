/** What this server claims, from the same registries that it works with: http://hl7.org/fhir/R4/capabilitystatement.html */
import { sharedBy } from '../base/shared.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import type { Search } from '../search/index.ts'
import type { ReferencePolicy } from '../store/index.ts'
import type { RestOptions } from './house.ts'
import type { Kept } from './keeper.ts'
import { isOfferedOn, type Operation } from './operation.ts'

export type Claims = {
  readonly definitions: Definitions
  readonly search: Search
  readonly options: Pick<RestOptions, 'updateAsCreate'>
  readonly references: ReferencePolicy
  /** Whether who asks has to say who it is. */
  readonly authorization: 'on' | 'off'
  /** Whether browser applications of some other origin may call. */
  readonly cors: boolean
  readonly operations: readonly Operation[]
  /** Who answers for types that are not kept as the others are, by type. */
  readonly keepers?: ReadonlyMap<string, Kept> | undefined
  /** Of this software, as in package.json. */
  readonly version: string
}

/** When the claims were last revised: the statement is about the software, not about the moment of asking. */
export const revised = '2026-11-21'

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

const operationOf = ({ code, url }: Operation): object => ({ name: code, definition: url })

/** Operations of a type or of its instances; those of every type stand with the system's. */
const operationsOf = ({ operations }: Claims, type: string): { readonly operation?: readonly object[] } => {
  const own = operations.filter((operation) => !isForAll(operation) && isOfferedOn(operation, type))
  return own.length === 0 ? {} : { operation: own.map(operationOf) }
}

const isForAll = ({ on, types }: Operation): boolean => on.includes('system') || types.includes('Resource')

/** Resources of types that are not kept as the others come along by some parameters only. */
const comesAlong = ({ keepers }: Claims, include: string): boolean => {
  const [source = '', code = ''] = include.split(':')
  return keepers?.get(source)?.along.includes(code) !== false
}

/** What `_revinclude` may be for a type. */
const referrersOf = (claims: Claims, type: string, without: ReadonlySet<string>): readonly string[] => [
  '*',
  ...claims.search.includes(type).revinclude.filter((name) => !without.has(name) && comesAlong(claims, name)),
]

const searchOf = (claims: Claims, type: string, without: ReadonlySet<string>): object => ({
  searchInclude: ['*', ...claims.search.includes(type).include],
  searchRevInclude: referrersOf(claims, type, without),
  searchParam: claims.search
    .parameters(type)
    .filter(({ code }) => !without.has(`${type}:${code}`))
    .map(({ code, url, type: kind, documentation }) => ({
      name: code,
      definition: url,
      type: kind,
      ...(documentation === undefined ? {} : { documentation }),
    })),
})

const resourceOf = (claims: Claims, type: string, without: ReadonlySet<string>): object => ({
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
  ...searchOf(claims, type, without),
  ...operationsOf(claims, type),
})

const keptOf = (
  claims: Claims,
  type: string,
  { interactions, documentation }: Kept,
  without: ReadonlySet<string>,
): object => ({
  type,
  profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
  interaction: interactions.map((code) => ({ code })),
  documentation,
  versioning: 'versioned',
  readHistory: false,
  updateCreate: false,
  conditionalCreate: false,
  conditionalRead: 'full-support',
  conditionalUpdate: false,
  conditionalDelete: 'not-supported',
  ...searchOf(claims, type, without),
  ...operationsOf(claims, type),
})

/** What every type can be searched by, and what has no SearchParameter: http://hl7.org/fhir/R4/search.html#all */
const ofAllTypes = ({ search }: Claims): readonly object[] => {
  const all = resourceTypes.map((type) => search.parameters(type))
  const common = new Set(sharedBy(all.map((some) => some.map(({ code }) => code))))
  const [first = []] = all
  return [
    ...first
      .filter(({ code }) => common.has(code))
      .map(({ code, url, type }) => ({ name: code, definition: url, type })),
    { name: '_filter', type: 'special', documentation: 'http://hl7.org/fhir/R4/search_filter.html' },
    {
      name: '_has',
      type: 'string',
      documentation: '_has:[type]:[reference parameter]:[parameter], nested too',
    },
    { name: '_list', type: 'string', documentation: 'The id of a List, or a functional list of a patient' },
    {
      name: '_type',
      type: 'token',
      documentation: 'Of searches of the whole server and of whole compartments',
    },
  ]
}

const systemOperations = ({ operations }: Claims): { readonly operation?: readonly object[] } => {
  const all = operations.filter(isForAll)
  return all.length === 0 ? {} : { operation: all.map(operationOf) }
}

const capabilityStatement = (claims: Claims, base: string, without: ReadonlySet<string>): object => ({
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
  format: ['application/fhir+json', 'json', 'application/fhir+xml', 'xml'],
  patchFormat: [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/fhir+json',
    'application/fhir+xml',
  ],
  rest: [
    {
      mode: 'server',
      documentation:
        'Content comes back as it was sent: numbers, order of members and strings. Unknown elements and parameters are refused; Prefer: handling=lenient reports unknown search parameters instead.',
      security: securityOf(claims, base),
      searchParam: ofAllTypes(claims),
      resource: resourceTypes.map((type) => {
        const keeper = claims.keepers?.get(type)
        return keeper ? keptOf(claims, type, keeper, without) : resourceOf(claims, type, without)
      }),
      compartment: [...claims.definitions.compartments.keys()].map(
        (name) => `http://hl7.org/fhir/CompartmentDefinition/${name.toLowerCase()}`,
      ),
      interaction: ['transaction', 'batch', 'search-system', 'history-system'].map((code) => ({ code })),
      ...systemOperations(claims),
    },
  ],
})

const oauthUris = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris'

/** http://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html */
const securityOf = ({ cors, authorization }: Claims, base: string): object => {
  if (authorization === 'off')
    return { cors, description: 'Authorization is off: everybody who reaches this server may do everything.' }
  const issuer = `${base.replace(/\/fhir$/, '')}/auth`
  const paths = { authorize: 'authorize', token: 'token', register: 'register', manage: 'apps' }
  const system = 'http://terminology.hl7.org/CodeSystem/restful-security-service'
  return {
    extension: [
      {
        url: oauthUris,
        extension: Object.entries(paths).map(([url, path]) => ({ url, valueUri: `${issuer}/${path}` })),
      },
    ],
    cors,
    service: [{ coding: [{ system, code: 'SMART-on-FHIR' }], text: 'OAuth2 using SMART-on-FHIR profile' }],
    description: 'Access tokens by SMART App Launch 2.2; see .well-known/smart-configuration.',
  }
}

/** Gives the statement's text for a base URL; each is made once. */
export const createCapabilities = (
  claims: Claims,
): ((base: string, without?: readonly string[]) => string) => {
  const made = new Map<string, string>()
  return (base, without = []) => {
    const key = [base, ...without].join(' ')
    const known = made.get(key)
    if (known !== undefined) return known
    const text = JSON.stringify(capabilityStatement(claims, base, new Set(without)))
    // Host headers choose the base: a caller must not be able to fill the memory with them.
    if (made.size >= 16) made.clear()
    made.set(key, text)
    return text
  }
}
