/** Where an extension may stand: http://hl7.org/fhir/R4/defining-extensions.html#context */
import type { StructureDefinition, StructureDefinitionContext } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import type { Element } from '../invariants/invariants.ts'
import type { Judgement } from './kinds.ts'
import { coreUrl } from './kinds.ts'
import type { Place } from './place.ts'
import { capital } from './tree.ts'
import { isPlain } from './values.ts'

/** Contexts that R4 forgot and its own resources use; later editions of the definitions have them. */
const forgotten: Readonly<Record<string, readonly string[]>> = {
  'structuredefinition-normative-version': ['Element', 'DomainResource'],
  'structuredefinition-fhir-type': ['ElementDefinition.type'],
  regex: ['ElementDefinition.type'],
  'valueset-concept-comments': ['CodeSystem.concept'],
}

/** Reports an extension that stands where its definition does not want it. `place` is that of the extension. */
export const contextRule = (
  definition: StructureDefinition,
  extension: JsonObject,
  place: Place,
  run: Judgement,
): void => {
  const owner = place.up
  if (owner === undefined) return
  const { url, context = [], contextInvariant = [] } = definition
  if (!isInContext(definition, owner, place, run))
    run.error(
      'extension',
      'extension-context',
      place,
      `is the extension ${url}, which may stand only in ${context.map(({ expression }) => expression).join(', ')}.`,
    )
  for (const expression of contextInvariant) invariantRule(url, expression, extension, owner, place, run)
}

/** Its focus is the element that has the extension. */
const invariantRule = (
  url: string,
  expression: string,
  extension: JsonObject,
  owner: Place,
  place: Place,
  run: Judgement,
): void => {
  const element = elementAt(owner, run)
  const held = element && run.registry.invariants.holdsAround(expression, element, extension, run.around())
  if (held === undefined)
    run.doubt(
      'not-supported',
      'extension-context-invariant',
      place,
      `is the extension ${url}, which may stand only where ${expression}; that could not be evaluated, check it.`,
    )
  else if (!held)
    run.error(
      'extension',
      'extension-context-invariant',
      place,
      `is the extension ${url}, which may stand only where ${expression}.`,
    )
}

/** Without contexts it may stand anywhere. */
const isInContext = (
  { url, context = [] }: StructureDefinition,
  owner: Place,
  place: Place,
  run: Judgement,
): boolean =>
  context.length === 0 ||
  context.some((one) => fitsContext(one, owner, place, run)) ||
  (forgotten[url.replace(coreUrl, '')] ?? []).some((name) => isElement(name, owner, run))

const fitsContext = (
  { type, expression }: StructureDefinitionContext,
  owner: Place,
  place: Place,
  run: Judgement,
): boolean => {
  if (type === 'extension') return isWithin(expression, owner, run)
  if (type === 'fhirpath') return isSelected(expression, owner, place, run)
  return isElement(expression.replace(coreUrl, ''), owner, run)
}

/** `http://…/race`, or `http://…/race#detailed` for an extension within it. */
const isWithin = (expression: string, owner: Place, run: Judgement): boolean => {
  if (owner.type !== 'Extension') return false
  const [outer, inner] = (expression.split('|')[0] as string).split('#')
  const urlOf = (place: Place | undefined): unknown => {
    const value = place && elementAt(place, run)?.value
    return isPlain(value) ? value.url : undefined
  }
  const url = urlOf(owner)
  if (url === undefined) return true
  return inner === undefined ? url === outer : url === inner && urlOf(owner.up) === outer
}

const isSelected = (expression: string, owner: Place, place: Place, run: Judgement): boolean => {
  const element = elementAt(owner, run)
  const selected = element && run.registry.invariants.selects(expression, element, run.around())
  if (selected === undefined)
    run.doubt(
      'not-supported',
      'extension-context',
      place,
      `may stand only in what ${expression} selects; that could not be evaluated, check it.`,
    )
  return selected !== false
}

/** What stands at the place, found from the resource that it is in. */
const elementAt = (place: Place, run: Judgement): Element | undefined => {
  const steps: Place[] = []
  let at: Place | undefined = place
  while (at && run.registry.definitions.types.get(at.type)?.kind !== 'resource') {
    steps.push(at)
    at = at.up
  }
  let element: Element = { value: run.scope.resource, sibling: undefined, type: at?.type ?? '' }
  for (const step of steps.reverse()) {
    const next = stepInto(element, step)
    if (!next) return undefined
    element = next
  }
  return element
}

/** A choice has its type in its name. A primitive's members are in its sibling. */
const stepInto = ({ value, sibling }: Element, { name, index, type }: Place): Element | undefined => {
  const owner = isPlain(value) ? value : sibling
  if (!owner) return undefined
  const names = [name, name + capital(type)]
  const member = names.find((one) => owner[one] !== undefined || owner[`_${one}`] !== undefined)
  if (member === undefined) return undefined
  const pick = (all: JsonValue | undefined): JsonValue | undefined =>
    index >= 0 && Array.isArray(all) ? all[index] : all
  const beside = pick(owner[`_${member}`])
  return { value: pick(owner[member]), sibling: isPlain(beside) ? beside : undefined, type }
}

/** `Patient.contact`, `HumanName`, `Element`: the names from the end of the path up to a type. */
const isElement = (expression: string, owner: Place, run: Judgement): boolean => {
  const names = expression.split('.')
  const type = names[0] as string
  let at: Place | undefined = owner
  for (let index = names.length - 1; index > 0; index--) {
    if (at === undefined) return false
    if (at.type === names.slice(0, index + 1).join('.')) return true
    if (at.name !== (names[index] as string).replace('[x]', '')) return false
    at = at.up
  }
  return at !== undefined && isOf(at, type, run)
}

const isOf = (place: Place, type: string, run: Judgement): boolean => {
  return type === 'Element' || type === '*' || run.registry.isA(place.type, type)
}
