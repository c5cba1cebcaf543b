/** From a query string, Parameters or a bare resource to the inputs of an operation: http://hl7.org/fhir/R4/operations.html#executing */
import { hasErrors, type Issue, issue } from '../base/issue.ts'
import { nearest } from '../base/nearest.ts'
import { invalid, Problem } from '../base/problem.ts'
import { parameterResources } from '../fhir/json/parameter-resources.ts'
import { countMembers, type JsonText } from '../fhir/json/read.ts'
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import { primitives } from '../validation/primitives.ts'
import type { House } from './house.ts'
import type { Input, Operation, OperationCall } from './operation.ts'
import { parseBody } from './prepare.ts'
import type { Request } from './request.ts'

type Shapes = Operation['input']

/** Throws 400 with every issue: unknown, missing and repeated parameters, and values of another type. */
export const readCall = (house: House, operation: Operation, request: Request): OperationCall => {
  const { input } = operation
  const body = request.body ? parseBody(house, request.body.text) : undefined
  const inputs = [
    ...request.query.map((pair) => fromPair(input, pair)),
    ...(body ? fromBody(house, operation, body) : []),
  ]
  const issues = checkInputs(inputs, input, '')
  if (hasErrors(issues)) throw new Problem(400, issues)
  const named = (name: string): readonly Input[] => inputs.filter((one) => one.name === name)
  return {
    ...(request.type === undefined ? {} : { type: request.type }),
    ...(request.id === undefined ? {} : { id: request.id }),
    inputs,
    ...(request.body === undefined ? {} : { body: request.body }),
    lenient: request.lenient ?? false,
    one: <T extends JsonValue>(name: string) => named(name)[0]?.value as T | undefined,
    all: <T extends JsonValue>(name: string) => named(name).map(({ value }) => value as T),
    resource: (name) => named(name)[0]?.resource,
  }
}

/** Only values of primitive types have a form in a query string. */
const fromPair = (shapes: Shapes, [name, text]: readonly [string, string]): Input => {
  const shape = shapes[name]
  const type = shape?.type
  if (shape === undefined || type === undefined) return { name, value: text }
  const primitive = primitives[type]
  if (!primitive)
    throw invalid(
      `The parameter ${name} is no primitive value; send it in Parameters with POST.`,
      `http.${name}`,
    )
  return { name, member: memberOf(type), value: readPrimitive(primitive.json, text) }
}

const readPrimitive = (json: 'string' | 'number' | 'boolean', text: string): JsonValue => {
  if (json === 'string') return text
  if (json === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : text
}

const memberOf = (type: string): string => `value${type.charAt(0).toUpperCase()}${type.slice(1)}`

const fromBody = (house: House, operation: Operation, body: JsonText): readonly Input[] => {
  const type = body.value.resourceType
  if (type === 'Parameters') return fromParameters(house, body)
  const taking = Object.entries(operation.input).filter(
    ([, { type: wanted }]) => wanted === type || wanted === 'Resource',
  )
  const exact = taking.filter(([, { type: wanted }]) => wanted === type)
  const [name] = (exact.length > 0 ? exact : taking)[0] ?? []
  if (name === undefined)
    throw invalid(
      `$${operation.code} takes Parameters; the body is ${type === undefined ? 'without resourceType' : JSON.stringify(type)}.`,
      'resourceType',
    )
  return [{ name, resource: body, within: [] }]
}

/** The Parameters without the resources in them must be correct; those the operation judges. */
const fromParameters = (house: House, body: JsonText): readonly Input[] => {
  const { value, members, text } = body
  if (countMembers(value) !== members) throw new Problem(400, house.structure.check(value, members, text))
  const shell = {
    ...value,
    ...(Array.isArray(value.parameter) ? { parameter: value.parameter.map(withoutResource) } : {}),
  }
  if (house.structure.count(shell) < 0) throw new Problem(400, house.structure.explain(shell))
  const parameters = (value.parameter ?? []) as readonly JsonObject[]
  const texts = parameterResources(text)
  return parameters.map((parameter, index) => ({
    ...toInput(house, parameter, texts[index]),
    within: ['parameter', String(index), 'resource'],
  }))
}

/** A name is enough for the structure; that there is something beside it is checked with the inputs. */
const withoutResource = (parameter: JsonValue): JsonValue => {
  if (typeof parameter !== 'object' || parameter === null || Array.isArray(parameter)) return parameter
  const { resource: _, ...rest } = parameter as JsonObject
  return Array.isArray(rest.part) ? { ...rest, part: rest.part.map(withoutResource) } : rest
}

const toInput = (house: House, parameter: JsonObject, text: string | undefined): Input => {
  const name = String(parameter.name)
  const member = Object.keys(parameter).find((key) => key.startsWith('value'))
  const { resource, part } = parameter
  return {
    name,
    ...(member === undefined ? {} : { member, value: parameter[member]! }),
    ...(resource === undefined ? {} : { resource: parseBody(house, text ?? JSON.stringify(resource)) }),
    ...(Array.isArray(part) ? { part: part.map((one) => toInput(house, one as JsonObject, undefined)) } : {}),
  }
}

const checkInputs = (inputs: readonly Input[], shapes: Shapes, within: string): readonly Issue[] => {
  const issues = inputs.flatMap((input) => checkInput(input, shapes, within))
  const missing = Object.entries(shapes).flatMap(([name, { min = 0, max = 1 }]) => {
    const count = inputs.filter((input) => input.name === name).length
    if (count < min)
      return [
        issue(
          'required',
          `The parameter ${within}${name} is missing; it is required.`,
          `http.${within}${name}`,
        ),
      ]
    if (count > max)
      return [
        issue(
          'invalid',
          `The parameter ${within}${name} is repeated; send it once.`,
          `http.${within}${name}`,
        ),
      ]
    return []
  })
  return [...issues, ...missing]
}

const checkInput = (input: Input, shapes: Shapes, within: string): readonly Issue[] => {
  const { name } = input
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined
  if (shape === undefined) return [unknownInput(name, shapes, within)]
  if (shape.part) {
    if (input.part === undefined)
      return [
        issue(
          'structure',
          `The parameter ${within}${name} consists of parts: ${Object.keys(shape.part).join(', ')}.`,
          `http.${within}${name}`,
        ),
      ]
    return checkInputs(input.part, shape.part, `${within}${name}.`)
  }
  const wrong = wrongType(input, shape.type ?? 'Element')
  return wrong === undefined
    ? []
    : [issue('value', `The parameter ${within}${name} ${wrong}`, `http.${within}${name}`)]
}

const unknownInput = (name: string, shapes: Shapes, within: string): Issue => {
  const names = Object.keys(shapes)
  const meant = nearest(name, names)
  const help = meant
    ? `Did you mean ${meant}?`
    : names.length === 0
      ? 'There are none.'
      : `There are ${names.join(', ')}.`
  return issue('not-supported', `There is no parameter ${within}${name}. ${help}`, `http.${within}${name}`)
}

/** Types that hold the same values in JSON: clients often send a string where a code or a URI is meant. */
const isText = (type: string): boolean => primitives[type]?.json === 'string'
const isNumber = (type: string): boolean => primitives[type]?.json === 'number'

/** The end of a sentence that begins with the parameter's name; undefined when the type is right. */
const wrongType = ({ member, value, resource }: Input, type: string): string | undefined => {
  if (type === 'Resource' || isResourceType(type)) {
    const found = resource?.value.resourceType
    if (resource === undefined)
      return `must be a resource${type === 'Resource' ? '' : ` of type ${type}`}; send it in Parameters.parameter.resource.`
    return type === 'Resource' || found === type
      ? undefined
      : `must be a ${type}, not ${JSON.stringify(found)}.`
  }
  if (value === undefined) return `needs a value of type ${type}.`
  if (type === 'Element') return undefined
  const primitive = primitives[type]
  if (!primitive)
    return member === memberOf(type) ? undefined : `must be a ${type}; send it as ${memberOf(type)}.`
  const sent = member === undefined ? type : member.charAt(5).toLowerCase() + member.slice(6)
  const isKin = sent === type || (isText(sent) && isText(type)) || (isNumber(sent) && isNumber(type))
  if (!isKin) return `must be a ${type}; send it as ${memberOf(type)}.`
  return primitive.accepts(value) ? undefined : `must be ${primitive.expected}.`
}
