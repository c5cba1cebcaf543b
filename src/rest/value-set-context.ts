/** The value set that an element is bound to: parameter context of http://hl7.org/fhir/R4/valueset-operation-expand.html */
import type { StructureDefinition } from 'fhir/r4.js'
import { invalid, notFound, unprocessable } from '../base/problem.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { OperationCall } from './operation.ts'

const form = 'http://hl7.org/fhir/StructureDefinition/Patient#Patient.gender'
const place = 'http.context'

/** The canonical of the value set; undefined without a context. What may come in is what may go out: one binding. */
export const contextOf = (canonicals: Canonicals, call: OperationCall): string | undefined => {
  const context = call.one<string>('context')
  const direction = call.one<string>('contextDirection')
  if (direction !== undefined && direction !== 'incoming' && direction !== 'outgoing')
    throw invalid('The contextDirection is incoming or outgoing.', 'http.contextDirection')
  if (context === undefined) {
    if (direction === undefined) return undefined
    throw invalid('A contextDirection needs a context; send one, or leave it out.', 'http.contextDirection')
  }
  const [profile = '', element = ''] = context.split('#')
  if (element === '') throw invalid(`A context names a profile and an element of it, such as ${form}.`, place)
  return bound(canonicals, profile, element)
}

const bound = (canonicals: Canonicals, profile: string, name: string): string => {
  const element = elementOf(canonicals, profile, name)
  if (!element) throw notFound(`${profile} has no element ${name}; name it by its path or its id.`, place)
  if (element.binding?.valueSet === undefined)
    throw unprocessable(`${name} of ${profile} is bound to no value set.`, place)
  return element.binding.valueSet
}

type Element = NonNullable<StructureDefinition['snapshot']>['element'][number]

/** What a profile does not say of an element stands in what it is based on. */
const elementOf = (canonicals: Canonicals, profile: string, name: string): Element | undefined => {
  const seen = new Set<string>()
  let at: string | undefined = profile
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    const definition: StructureDefinition | undefined = canonicals.resolve('StructureDefinition', at)
    if (!definition) throw notFound(`The profile ${at} is not loaded; load its package, or post it.`, place)
    const found = [...(definition.snapshot?.element ?? []), ...(definition.differential?.element ?? [])].find(
      ({ id, path, binding }) => (id === name || path === name) && (binding || definition.snapshot),
    )
    if (found) return found
    at = definition.baseDefinition
  }
  return undefined
}
