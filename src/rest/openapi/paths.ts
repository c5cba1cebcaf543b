/** The interactions as paths: https://spec.openapis.org/oas/v3.1.0#paths-object, http://hl7.org/fhir/R4/http.html */
import { resourceTypes } from '../../fhir/resource-types.ts'
import type { Search } from '../../search/index.ts'
import type { Operation } from '../operation.ts'
import { type Schema, schemaRef } from './schemas.ts'

type Item = Readonly<Record<string, unknown>>
type Paths = Readonly<Record<string, Item>>

export type PathParts = { readonly search: Search; readonly operations: readonly Operation[] }

const parameter = (name: string): Item => ({ $ref: `#/components/parameters/${name}` })
const refused = { default: { $ref: '#/components/responses/Refused' } }
const formats = ['application/fhir+json', 'application/fhir+xml'] as const

const content = (schema: Schema): Item => Object.fromEntries(formats.map((format) => [format, { schema }]))
const json = (schema: Schema): Item => ({ 'application/fhir+json': { schema } })

const answer = (status: string, description: string, schema?: Schema): Item => ({
  [status]: { description, ...(schema ? { content: content(schema) } : {}) },
  ...refused,
})

const body = (schema: Schema): Item => ({ required: true, content: content(schema) })

const action = (tag: string, operationId: string, summary: string, rest: Item): Item => ({
  tags: [tag],
  operationId,
  summary,
  ...rest,
})

/** Chains, modifiers and prefixes are endless: the name and the plain form are listed. */
const searchParameters = (search: Search, type: string): readonly Item[] =>
  search.parameters(type).map(({ code, type: kind, url, documentation }) => ({
    name: code,
    in: 'query',
    description: `${kind}: ${url}${documentation === undefined ? '' : ` ${documentation}`}`,
    schema: { type: 'string' },
  }))

const results = ['_count', '_sort', '_include', '_revinclude', '_summary', '_elements', '_total'].map(
  parameter,
)

const ofType = (search: Search, type: string): Paths => ({
  [`/${type}`]: {
    get: action(type, `search${type}`, `Search ${type}`, {
      parameters: [...searchParameters(search, type), ...results],
      responses: answer('200', 'A page of matches', schemaRef('Bundle')),
    }),
    post: action(type, `create${type}`, `Create a ${type}`, {
      parameters: [parameter('If-None-Exist'), parameter('Prefer')],
      requestBody: body(schemaRef(type)),
      responses: answer('201', 'Created', schemaRef(type)),
    }),
    delete: action(type, `deleteBy${type}`, `Delete the ${type} that a search finds`, {
      responses: answer('204', 'Deleted'),
    }),
  },
  [`/${type}/_search`]: {
    post: action(type, `searchByPost${type}`, `Search ${type} with parameters in a form`, {
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
      responses: answer('200', 'A page of matches', schemaRef('Bundle')),
    }),
  },
  [`/${type}/{id}`]: {
    parameters: [parameter('id')],
    get: action(type, `read${type}`, `Read a ${type}`, {
      parameters: [
        parameter('If-None-Match'),
        parameter('If-Modified-Since'),
        ...['_summary', '_elements'].map(parameter),
      ],
      responses: {
        ...answer('200', 'The current version', schemaRef(type)),
        304: { description: 'Not modified' },
      },
    }),
    put: action(type, `update${type}`, `Update a ${type}, or create it under this id`, {
      parameters: [parameter('If-Match'), parameter('Prefer')],
      requestBody: body(schemaRef(type)),
      responses: answer('200', 'Updated', schemaRef(type)),
    }),
    patch: action(type, `patch${type}`, `Patch a ${type}`, {
      parameters: [parameter('If-Match'), parameter('Prefer')],
      requestBody: {
        required: true,
        content: {
          'application/json-patch+json': { schema: { type: 'array', items: { type: 'object' } } },
          'application/merge-patch+json': { schema: { type: 'object' } },
          ...json(schemaRef('Parameters')),
        },
      },
      responses: answer('200', 'Patched', schemaRef(type)),
    }),
    delete: action(type, `delete${type}`, `Delete a ${type}`, { responses: answer('204', 'Deleted') }),
  },
  [`/${type}/{id}/_history`]: {
    parameters: [parameter('id')],
    get: action(type, `history${type}`, `Versions of a ${type}`, {
      parameters: ['_count', '_since', '_at'].map(parameter),
      responses: answer('200', 'A page of versions', schemaRef('Bundle')),
    }),
  },
  [`/${type}/{id}/_history/{versionId}`]: {
    parameters: [parameter('id'), parameter('versionId')],
    get: action(type, `vread${type}`, `Read a version of a ${type}`, {
      responses: answer('200', 'The version', schemaRef(type)),
    }),
  },
})

/** Query parameters are those of primitive types; everything fits into Parameters. */
const called = (operation: Operation, tag: string, name: string): Item => {
  const { code, input, affectsState, url } = operation
  const summary = `$${code}`
  const responses = answer('200', 'What the operation gives', schemaRef('AnyResource'))
  const post = action(tag, `${name}Post`, summary, {
    description: url,
    requestBody: { content: content(schemaRef('Parameters')) },
    responses,
  })
  if (affectsState) return { post }
  const parameters = Object.entries(input)
    .filter(([, { type }]) => type !== undefined && /^[a-z]/.test(type))
    .map(([parameterName, { type, min = 0 }]) => ({
      name: parameterName,
      in: 'query',
      required: min > 0,
      schema: schemaRef(type!),
    }))
  return { get: action(tag, name, summary, { description: url, parameters, responses }), post }
}

const ofOperation = (operation: Operation): Paths => {
  const { code, on, types } = operation
  const paths: Record<string, Item> = {}
  const name = `operation${code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`
  if (on.includes('system')) paths[`/$${code}`] = called(operation, 'System', name)
  const named = types.includes('Resource') ? resourceTypes : types
  for (const type of named) {
    if (on.includes('type')) paths[`/${type}/$${code}`] = called(operation, type, `${name}${type}`)
    if (on.includes('instance'))
      paths[`/${type}/{id}/$${code}`] = {
        parameters: [parameter('id')],
        ...called(operation, type, `${name}${type}Instance`),
      }
  }
  return paths
}

const system: Paths = {
  '/metadata': {
    get: action('System', 'capabilities', 'What this server can do', {
      security: [],
      responses: answer('200', 'The statement', schemaRef('CapabilityStatement')),
    }),
  },
  '/': {
    get: action('System', 'searchSystem', 'Search several types', {
      parameters: [parameter('_type'), ...results],
      responses: answer('200', 'A page of matches', schemaRef('Bundle')),
    }),
    post: action('System', 'batch', 'A batch or a transaction', {
      requestBody: body(schemaRef('Bundle')),
      responses: answer('200', 'What became of each entry', schemaRef('Bundle')),
    }),
  },
  '/_history': {
    get: action('System', 'historySystem', 'Versions of all resources', {
      parameters: ['_count', '_since', '_at'].map(parameter),
      responses: answer('200', 'A page of versions', schemaRef('Bundle')),
    }),
  },
}

/** By path, with one name for each thing to do. */
export const pathsOf = ({ search, operations }: PathParts): Paths =>
  Object.assign(
    {},
    system,
    ...resourceTypes.map((type) => ofType(search, type)),
    ...operations.map(ofOperation),
  ) as Paths
