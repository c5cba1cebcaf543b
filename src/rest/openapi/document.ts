/** The REST API in OpenAPI 3.1, from the same registries that it works with: https://spec.openapis.org/oas/v3.1.0 */
import type { Definitions } from '../../fhir/definitions/model.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'
import { type PathParts, pathsOf } from './paths.ts'
import { schemaRef, schemasOf } from './schemas.ts'

export type OpenApiParts = PathParts & { readonly definitions: Definitions; readonly version: string }

const text = { type: 'string' }

const inPath = { id: 'Logical id of the resource', versionId: 'Id of the version' }

const inQuery = {
  _type: 'Types to be searched, separated by commas',
  _count: 'Resources on a page',
  _sort: 'Search parameters to sort by, separated by commas; - turns the order round',
  _include: 'Resources to bring along: Type:parameter',
  _revinclude: 'Resources to bring along that refer to the matches: Type:parameter',
  _summary: 'true, text, data, count or false',
  _elements: 'Elements to be shown, separated by commas',
  _total: 'none, estimate or accurate',
  _since: 'Only versions since this instant',
  _at: 'Only versions that were current at this time',
}

const inHeader = {
  'If-Match': 'W/"version" that is to be changed',
  'If-None-Match': 'W/"version" that the client has',
  'If-Modified-Since': 'When the client looked last',
  'If-None-Exist': 'A search: nothing is created when it finds something',
  Prefer:
    'return=minimal, return=representation or return=OperationOutcome; handling=lenient or handling=strict',
}

const parametersIn = (place: string, described: Readonly<Record<string, string>>) =>
  Object.entries(described).map(([name, description]) => [
    name,
    { name, in: place, description, schema: text, ...(place === 'path' ? { required: true } : {}) },
  ])

/** About a megabyte; to be made once for a base URL. */
export const openApiDocument = (parts: OpenApiParts, base: string): object => ({
  openapi: '3.1.0',
  info: {
    title: 'Lamplight FHIR R4 API',
    version: parts.version,
    description:
      'Every interaction, search parameter and operation of this server. See http://hl7.org/fhir/R4/http.html',
    license: { name: 'HL7 FHIR R4 is CC0', identifier: 'CC0-1.0' },
  },
  servers: [{ url: base }],
  security: [{ smart: [] }],
  tags: ['System', ...resourceTypes].map((name) => ({ name })),
  paths: pathsOf(parts),
  components: {
    schemas: schemasOf(parts.definitions),
    parameters: Object.fromEntries([
      ...parametersIn('path', inPath),
      ...parametersIn('query', inQuery),
      ...parametersIn('header', inHeader),
    ]),
    responses: {
      Refused: {
        description: 'What is wrong and what to do',
        content: { 'application/fhir+json': { schema: schemaRef('OperationOutcome') } },
      },
    },
    securitySchemes: {
      smart: {
        type: 'http',
        scheme: 'bearer',
        description: 'A token of SMART App Launch; see .well-known/smart-configuration',
      },
    },
  },
})
