/** Rules of conformance and terminology resources that their definitions state in words: http://hl7.org/fhir/R4/conformance-module.html */
import type { StructureDefinition } from 'fhir/r4.js'
import { readFhirpath } from '../../fhir/fhirpath-compile/syntax.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import { missingBase } from './missing-base.ts'
import type { Place } from './place.ts'
import { snapshotOf } from './snapshot.ts'
import { isPlain } from './values.ts'

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/

const below = (up: Place, name: string, index = -1): Place => ({ up, name, index, type: '' })

const objectsIn = (owner: JsonObject, name: string): readonly (readonly [number, JsonObject])[] => {
  const list = owner[name]
  if (!Array.isArray(list)) return []
  return [...list.entries()].filter((pair): pair is [number, JsonObject] => isPlain(pair[1]))
}

/** A canonical URL is the same everywhere, so it cannot be relative: http://hl7.org/fhir/R4/references.html#canonical */
const urlRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  if (typeof resource.url === 'string' && !absolute.test(resource.url))
    run.error(
      'value',
      'canonical-absolute',
      below(place, 'url'),
      'must be absolute: it identifies the definition everywhere.',
    )
}

/** http://hl7.org/fhir/R4/codesystem.html#properties */
export const codeSystemRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  urlRule(resource, place, run)
  const seen = new Set<unknown>()
  for (const [index, property] of objectsIn(resource, 'property'))
    for (const name of ['code', 'uri']) {
      const value = property[name]
      if (value === undefined) continue
      if (seen.has(value))
        run.error(
          'duplicate',
          'codesystem-property',
          below(below(place, 'property', index), name),
          'is defined twice; keep one property.',
        )
      seen.add(value)
    }
}

const booleans = new Set(['notSelectable', 'inactive', 'abstract'])

/** http://hl7.org/fhir/R4/valueset.html#compositions */
export const valueSetRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  urlRule(resource, place, run)
  if (!isPlain(resource.compose)) return
  for (const part of ['include', 'exclude'])
    for (const [index, include] of objectsIn(resource.compose, part)) {
      const at = below(below(place, 'compose'), part, index)
      if (
        typeof include.system === 'string' &&
        !include.system.startsWith('#') &&
        !absolute.test(include.system)
      )
        run.error(
          'value',
          'system-absolute',
          below(at, 'system'),
          'must be absolute: the URL of the code system.',
        )
      for (const [number, filter] of objectsIn(include, 'filter'))
        filterRule(filter, include, below(at, 'filter', number), run)
    }
}

const filterRule = (filter: JsonObject, include: JsonObject, place: Place, run: Judgement): void => {
  const { property, value, op } = filter
  if (typeof value !== 'string') return
  if (booleans.has(String(property)) && op === '=' && value !== 'true' && value !== 'false')
    run.error(
      'value',
      'filter-value',
      below(place, 'value'),
      `must be true or false for the property ${property}.`,
    )
  if (op === 'exists' && value !== 'true' && value !== 'false')
    run.error(
      'value',
      'filter-value',
      below(place, 'value'),
      'must be true or false for the operation exists.',
    )
  if (include.system === 'http://snomed.info/sct' && property === 'constraint' && !isExpression(value))
    run.error(
      'value',
      'filter-ecl',
      below(place, 'value'),
      'is no expression of SNOMED CT: its operands need AND, OR or MINUS between them.',
    )
}

/** Characters; longer ones are not looked at. */
const longestExpression = 4000

/** Only what a look can tell: two concepts without an operator between them. */
const isExpression = (ecl: string): boolean => {
  if (ecl.length > longestExpression) return true
  const bare = ecl
    .replace(/\|[^|]*\|/g, ' ')
    .replace(/\/\*.*?\*\//g, ' ')
    .replace(/"[^"]*"/g, ' ')
  return !/(?<![\w#.])\d{6,18}\s+(?:<<!?|<!?|>>!?|>!?|\^)?\s*\d{6,18}(?!\w)/.test(bare)
}

/** http://hl7.org/fhir/R4/searchparameter.html */
export const searchParameterRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  urlRule(resource, place, run)
  if (resource.type === 'composite' && objectsIn(resource, 'component').length < 2)
    run.error(
      'required',
      'searchparameter-component',
      below(place, 'component'),
      'must be there at least twice for type composite.',
    )
  const bases = Array.isArray(resource.base) ? resource.base : []
  if (
    typeof resource.expression !== 'string' ||
    bases.some((base) => base === 'Resource' || base === 'DomainResource')
  )
    return
  for (const branch of resource.expression.split('|')) {
    const root = /^([A-Z][A-Za-z]+)\s*\./.exec(branch.replace(/^[\s(]+/, ''))?.[1]
    if (root === undefined || root === 'Resource' || root === 'DomainResource' || bases.includes(root))
      continue
    if (run.registry.definitions.types.get(root)?.kind === 'resource')
      run.error(
        'value',
        'searchparameter-base',
        below(place, 'expression'),
        `begins at ${root}, which is not among the types in base.`,
      )
  }
}

/** http://hl7.org/fhir/R4/capabilitystatement.html */
export const capabilityRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  urlRule(resource, place, run)
  for (const [index, rest] of objectsIn(resource, 'rest'))
    for (const [number, type] of objectsIn(rest, 'resource'))
      for (const [at, parameter] of objectsIn(type, 'searchParam')) {
        if (typeof parameter.definition !== 'string') continue
        const known = run.registry.canonicals.resolve('SearchParameter', parameter.definition)
        if (known && known.type !== parameter.type)
          run.error(
            'value',
            'capability-parameter',
            below(below(below(below(place, 'rest', index), 'resource', number), 'searchParam', at), 'type'),
            `is ${parameter.type}, and ${parameter.definition} is of type ${known.type}.`,
          )
      }
}

/** Whether its constraints can be read, its base is there, and its differential can be laid over that. */
export const structureDefinitionRule = (resource: JsonObject, place: Place, run: Judgement): void => {
  urlRule(resource, place, run)
  const part = isPlain(resource.differential) ? 'differential' : 'snapshot'
  if (run.sound && isPlain(resource[part])) constraintRules(resource[part], below(place, part), run)
  if (!run.sound || resource.derivation !== 'constraint' || !isPlain(resource.differential)) return
  const base = typeof resource.baseDefinition === 'string' ? resource.baseDefinition : undefined
  const missing = base === undefined ? undefined : missingBase(run.registry.canonicals, base)
  if (missing !== undefined) {
    const sentence = `cannot be judged by: ${missing} is not loaded; load its package or post it.`
    run.doubt('not-found', 'base-unknown', below(place, 'baseDefinition'), sentence)
    return
  }
  const lost: number[] = []
  snapshotOf(resource as unknown as StructureDefinition, run.registry, lost)
  for (const index of lost)
    run.error(
      'structure',
      'differential-path',
      below(below(below(place, 'differential'), 'element', index), 'path'),
      'is no element of the base definition; correct the path.',
    )
}

const constraintRules = (part: JsonObject, place: Place, run: Judgement): void => {
  for (const [index, element] of objectsIn(part, 'element'))
    for (const [number, { expression }] of objectsIn(element, 'constraint')) {
      const fault = typeof expression === 'string' ? faultOf(expression) : undefined
      if (fault === undefined) continue
      const at = below(below(below(place, 'element', index), 'constraint', number), 'expression')
      run.warn(
        'value',
        'constraint-expression',
        at,
        `is not FHIRPath, so nothing is held against it: ${fault}`,
      )
    }
}

const faultOf = (expression: string): string | undefined => {
  try {
    readFhirpath(expression)
    return undefined
  } catch (cause) {
    return (cause as Error).message
  }
}
