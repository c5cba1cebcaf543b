/** CodeSystem/$lookup: http://hl7.org/fhir/R4/codesystem-operation-lookup.html */

import { issue } from '../../base/issue.ts'
import { invalid, Problem, unsupported } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import {
  type Designation,
  lookup as lookUp,
  type Property,
  unknownProperty,
} from '../../terminology/index.ts'
import { blaming, placesOf } from '../blame.ts'
import { defineOperation, resourceReply } from '../operation.ts'
import { calledCodes, foundSystem, parameters, terminologyOf, text } from '../terminology.ts'

export const lookup = defineOperation({
  code: 'lookup',
  url: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
  on: ['type'],
  types: ['CodeSystem'],
  affectsState: false,
  input: {
    code: { type: 'code' },
    system: { type: 'uri' },
    version: { type: 'string' },
    coding: { type: 'Coding' },
    date: { type: 'dateTime' },
    displayLanguage: { type: 'code' },
    property: { type: 'code', max: Number.POSITIVE_INFINITY },
  },
  run: async (house, ctx, call) => {
    if (call.one('date') !== undefined)
      throw unsupported(
        'The parameter date is not supported; name a version of the code system.',
        'http.date',
      )
    const terminology = terminologyOf(house)
    const [value] = calledCodes(call)
    if (value?.system === undefined)
      throw invalid('Say of which code system it is: send system.', 'http.system')
    const { system: url, version } = value
    const scope = await terminology.scope(ctx.tenant)
    const system = await blaming(call, ['system', 'coding'], () => foundSystem(scope, url, version))
    const wanted = call.all<string>('property')
    const unknown = unknownProperty(system, wanted)
    if (unknown !== undefined) throw invalid(unknown, 'http.property')
    const found = await lookUp(
      terminology.source,
      system,
      value.code,
      wanted,
      call.one<string>('displayLanguage'),
    )
    if (typeof found === 'string')
      throw new Problem(404, [issue('not-found', found, ...placesOf(call, ['code', 'coding']))])
    const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name)
    return resourceReply(
      parameters([
        text('name', found.name),
        text('version', found.version),
        text('display', found.display),
        isWanted('definition') ? text('definition', found.concept.definition) : undefined,
        { name: 'abstract', valueBoolean: found.concept.abstract },
        ...found.designations.map(designation),
        ...found.properties.map(property),
      ]),
    )
  },
})

const designation = ({ language, use, value }: Designation): JsonObject => ({
  name: 'designation',
  part: [
    ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
    ...(use === undefined ? [] : [{ name: 'use', valueCoding: { ...use } }]),
    { name: 'value', valueString: value },
  ],
})

const property = ({
  code,
  kind,
  text,
  coding,
  description,
}: Property & { description?: string }): JsonObject => ({
  name: 'property',
  part: [
    { name: 'code', valueCode: code },
    { name: 'value', [`value${kind.charAt(0).toUpperCase()}${kind.slice(1)}`]: typed(kind, text, coding) },
    ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
  ],
})

const typed = (kind: Property['kind'], text: string, coding: Property['coding']) => {
  if (kind === 'Coding') return { ...coding }
  if (kind === 'boolean') return text === 'true'
  return kind === 'integer' || kind === 'decimal' ? Number(text) : text
}
