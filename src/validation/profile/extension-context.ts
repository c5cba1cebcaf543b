/** Where an extension may stand: http://hl7.org/fhir/R4/defining-extensions.html#context */
import type { StructureDefinition, StructureDefinitionContext } from 'fhir/r4.js'
import type { Judgement } from './kinds.ts'
import { coreUrl } from './kinds.ts'
import type { Place } from './place.ts'

/** Contexts that R4 forgot and its own resources use; later editions of the definitions have them. */
const forgotten: Readonly<Record<string, readonly string[]>> = {
  'structuredefinition-normative-version': ['Element', 'DomainResource'],
  'structuredefinition-fhir-type': ['ElementDefinition.type'],
  regex: ['ElementDefinition.type'],
  'valueset-concept-comments': ['CodeSystem.concept'],
}

/** `place` is that of the extension; without contexts it may stand anywhere. */
export const isInContext = (definition: StructureDefinition, place: Place, run: Judgement): boolean => {
  const contexts = definition.context ?? []
  if (contexts.length === 0) return true
  const owner = place.up
  return (
    owner === undefined ||
    contexts.some((context) => fitsContext(context, owner, run)) ||
    (forgotten[definition.url.replace(coreUrl, '')] ?? []).some((name) => isElement(name, owner, run))
  )
}

const fitsContext = (
  { type, expression }: StructureDefinitionContext,
  owner: Place,
  run: Judgement,
): boolean => {
  if (type === 'extension') return owner.type === 'Extension'
  if (type === 'fhirpath') return true
  return isElement(expression.replace(coreUrl, ''), owner, run)
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
