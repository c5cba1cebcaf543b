/** CodeSystem/$find-matches: http://hl7.org/fhir/R4/codesystem-operation-find-matches.html */
import type { CodeSystem, Coding } from 'fhir/r4.js'
import { invalid, unsupported } from '../../base/problem.ts'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { findMatches as find, type WantedProperty } from '../../terminology/index.ts'
import { blaming } from '../blame.ts'
import { defineOperation, type Input, resourceReply } from '../operation.ts'
import { foundSystem, parameters, subject, terminologyOf } from '../terminology.ts'

export const findMatches = defineOperation({
  code: 'find-matches',
  url: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-find-matches',
  on: ['type', 'instance'],
  types: ['CodeSystem'],
  affectsState: false,
  input: {
    system: { type: 'uri' },
    version: { type: 'string' },
    exact: { type: 'boolean' },
    compositional: { type: 'boolean' },
    property: {
      max: Number.POSITIVE_INFINITY,
      part: {
        code: { type: 'code', min: 1 },
        value: { type: 'Element' },
        subproperty: {
          max: Number.POSITIVE_INFINITY,
          part: { code: { type: 'code', min: 1 }, value: { type: 'Element', min: 1 } },
        },
      },
    },
  },
  run: async (house, ctx, call) => {
    if (call.one<boolean>('compositional') === true)
      throw unsupported(
        'Expressions of several codes are not made; send compositional=false.',
        'http.compositional',
      )
    const terminology = terminologyOf(house)
    const own = await subject<CodeSystem>(house, ctx, call)
    const url = own?.url ?? call.one<string>('system')
    if (url === undefined) throw invalid('Say which code system is meant: send system.', 'http.system')
    const wanted = call.inputs.filter(({ name }) => name === 'property').map(readProperty)
    if (wanted.length === 0) throw invalid('Send at least one property with code and value.', 'http.property')
    const version = own?.version ?? call.one<string>('version')
    const scope = await terminology.scope(ctx.tenant)
    const { system, matches } = await blaming(call, ['system'], async () => {
      const system = foundSystem(scope, url, version)
      const isExact = call.one<boolean>('exact') === true
      return { system, matches: await find(terminology.source, system, wanted, isExact) }
    })
    return resourceReply(
      parameters(
        matches.map(({ concept, matched, isExact }) => ({
          name: 'match',
          part: [
            {
              name: 'code',
              valueCoding: {
                system: system.url,
                ...(system.version === undefined ? {} : { version: system.version }),
                code: concept.code,
                ...(concept.display === undefined ? {} : { display: concept.display }),
              },
            },
            ...(isExact ? [] : wanted.filter((one) => !matched.includes(one)).map(unmatched)),
          ],
        })),
      ),
    )
  },
})

const readProperty = ({ part = [] }: Input): WantedProperty => {
  if (part.some(({ name }) => name === 'subproperty'))
    throw unsupported(
      'Groups of properties are not supported; send properties with a value.',
      'http.property',
    )
  const value = part.find(({ name }) => name === 'value')
  if (value?.value === undefined) throw invalid('A property has no value.', 'http.property')
  const code = part.find(({ name }) => name === 'code')?.value
  return { code: String(code), value: textOf(value.value) }
}

const textOf = (value: JsonValue): string => {
  if (typeof value !== 'object' || value === null) return String(value)
  const { system, code } = value as JsonObject as Coding
  if (code === undefined)
    throw invalid('The value of a property is a primitive or a Coding.', 'http.property')
  return system === undefined ? code : `${system}|${code}`
}

const unmatched = ({ code, value }: WantedProperty): JsonObject => ({
  name: 'unmatched',
  part: [
    {
      name: 'property',
      part: [
        { name: 'code', valueCode: code },
        { name: 'value', valueString: value },
      ],
    },
  ],
})
