/** ConceptMap/$translate: http://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import type { CodeableConcept, Coding, ConceptMap } from 'fhir/r4.js'
import { issue } from '../../base/issue.ts'
import { invalid, Problem } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import {
  translate as byMaps,
  findMaps,
  isBetween,
  isTranslation,
  type Scope,
} from '../../terminology/index.ts'
import { defineOperation, type Input, type OperationCall, resourceReply } from '../operation.ts'
import { calledCodes, parameters, subject, terminologyOf, text } from '../terminology.ts'

export const translate = defineOperation({
  code: 'translate',
  url: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
  on: ['type', 'instance'],
  types: ['ConceptMap'],
  affectsState: false,
  input: {
    url: { type: 'uri' },
    conceptMap: { type: 'ConceptMap' },
    conceptMapVersion: { type: 'string' },
    code: { type: 'code' },
    system: { type: 'uri' },
    version: { type: 'string' },
    source: { type: 'uri' },
    coding: { type: 'Coding' },
    codeableConcept: { type: 'CodeableConcept' },
    target: { type: 'uri' },
    targetsystem: { type: 'uri' },
    dependency: {
      max: Number.POSITIVE_INFINITY,
      part: { element: { type: 'uri' }, concept: { type: 'Element' } },
    },
    reverse: { type: 'boolean' },
  },
  run: async (house, ctx, call) => {
    const { canonicals } = await terminologyOf(house).scope(ctx.tenant)
    const maps = mapsOf(canonicals, call, await subject<ConceptMap>(house, ctx, call))
    const targetSystem = call.one<string>('targetsystem')
    const found = byMaps(canonicals, maps, {
      values: calledCodes(call),
      reverse: call.one<boolean>('reverse') === true,
      ...(targetSystem === undefined ? {} : { targetSystem }),
      dependsOn: new Map(call.inputs.filter(({ name }) => name === 'dependency').map(readDependency)),
    })
    const result = found.some(isTranslation)
    return resourceReply(
      parameters([
        { name: 'result', valueBoolean: result },
        result ? undefined : text('message', 'There is no translation of this code in the concept maps.'),
        ...found.map(({ equivalence, concept, products, source }) => ({
          name: 'match',
          part: [
            { name: 'equivalence', valueCode: equivalence },
            ...(concept ? [{ name: 'concept', valueCoding: { ...concept } }] : []),
            ...products.map(({ element, system, value, display }) => ({
              name: 'product',
              part: [
                { name: 'element', valueUri: element },
                {
                  name: 'concept',
                  valueCoding: {
                    ...(system === undefined ? {} : { system }),
                    code: value,
                    ...(display === undefined ? {} : { display }),
                  },
                },
              ],
            })),
            { name: 'source', valueUri: source },
          ],
        })),
      ]),
    )
  },
})

const mapsOf = (
  canonicals: Scope['canonicals'],
  call: OperationCall,
  own: ConceptMap | undefined,
): readonly ConceptMap[] => {
  const sent = call.resource('conceptMap')?.value as ConceptMap | undefined
  const [url, version] = [call.one<string>('url'), call.one<string>('conceptMapVersion')]
  if ([own, sent, url].filter((one) => one !== undefined).length > 1)
    throw invalid('Send one of url and conceptMap, and neither when calling ConceptMap/[id].', 'http.url')
  const one = own ?? sent
  if (one) return [ofAsked(one, call)]
  if (url !== undefined) {
    const canonical = version === undefined ? url : `${url}|${version}`
    const found = canonicals.resolve('ConceptMap', canonical)
    if (!found)
      throw new Problem(404, [
        issue('not-found', `The concept map ${canonical} is not known to this server.`, 'http.url'),
      ])
    return [ofAsked(found, call)]
  }
  const [source, target] = [call.one<string>('source'), call.one<string>('target')]
  if (source === undefined && target === undefined && call.one('targetsystem') === undefined)
    throw invalid(
      'Say which concept map is meant: send url, conceptMap, source or target, or call ConceptMap/[id].',
      'http.url',
    )
  return findMaps(canonicals, source, target)
}

/** A map that is named and does not lead from source to target would answer another question. */
const ofAsked = (map: ConceptMap, call: OperationCall): ConceptMap => {
  for (const side of ['source', 'target'] as const) {
    const asked = call.one<string>(side)
    if (isBetween(map, side, asked)) continue
    const own = map[`${side}Uri`] ?? map[`${side}Canonical`] ?? 'none'
    throw invalid(
      `The ${side} of this concept map is ${own}, and not ${asked}; leave ${side} out, or let the maps be found by it without naming one.`,
      `http.${side}`,
    )
  }
  return map
}

const readDependency = ({ part = [] }: Input): readonly [string, string] => {
  const element = part.find(({ name }) => name === 'element')?.value
  const concept = part.find(({ name }) => name === 'concept')?.value as JsonObject | undefined
  const coding = (concept as CodeableConcept | undefined)?.coding?.[0] ?? (concept as Coding | undefined)
  if (typeof element !== 'string' || coding?.code === undefined)
    throw invalid('A dependency has an element and a concept with a code.', 'http.dependency')
  return [element, coding.code]
}
