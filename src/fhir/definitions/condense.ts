/** Condenses StructureDefinitions, SearchParameters and CompartmentDefinitions to what this server reads of them. */
import type { Compact } from './compact.ts'
import { condenseCodeSystem, condenseValueSet } from './condense-terms.ts'
import { condenseType } from './condense-type.ts'
import { correct } from './errata.ts'
import type { SearchParameterDefinition } from './model.ts'
import type {
  CodeSystem,
  CompartmentDefinition,
  Definition,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from './sources.ts'

/** Pure; from some 1,600 definitions to about 1 MB of JSON. */
export const condense = (definitions: readonly Definition[]): Compact => ({
  types: definitions.filter(isBaseType).map(correct).flatMap(condenseType),
  searchParameters: definitions.filter(isSearchParameter).map(condenseParameter),
  compartments: Object.fromEntries(
    definitions.filter(isCompartment).map((definition) => [definition.code, condenseCompartment(definition)]),
  ),
  codeSystems: definitions.filter(isCodeSystem).map(condenseCodeSystem),
  valueSets: definitions.filter(isValueSet).map(condenseValueSet),
})

/** Neither profiles (`SimpleQuantity`) nor SubscriptionStatus of R4B, which the package carries. */
const isBaseType = (definition: Definition): definition is StructureDefinition =>
  definition.resourceType === 'StructureDefinition' &&
  definition.derivation !== 'constraint' &&
  definition.fhirVersion === '4.0.1'

/** The package carries one of R5, and those of US Core (http://hl7.org/fhir/us/core/STU5.0.1/). */
const isSearchParameter = (definition: Definition): definition is SearchParameter =>
  definition.resourceType === 'SearchParameter' &&
  (definition.version === '4.0.1' || definition.url.startsWith('http://hl7.org/fhir/us/core/'))

const isCompartment = (definition: Definition): definition is CompartmentDefinition =>
  definition.resourceType === 'CompartmentDefinition'

/** A supplement has the URL of what it adds designations to, or one that nobody refers to. */
const isCodeSystem = (definition: Definition): definition is CodeSystem =>
  definition.resourceType === 'CodeSystem' && definition.content !== 'supplement'

const isValueSet = (definition: Definition): definition is ValueSet => definition.resourceType === 'ValueSet'

const condenseParameter = (parameter: SearchParameter): SearchParameterDefinition => ({
  code: parameter.code,
  url: parameter.url,
  type: parameter.type as SearchParameterDefinition['type'],
  base: parameter.base,
  ...(parameter.expression === undefined ? {} : { expression: parameter.expression }),
  target: parameter.target ?? [],
  components: componentsOf(parameter),
  description: parameter.description,
})

/** One is published with the expressions of its components changed over: what is related to is `target`, and how `code`. */
const exchanged = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship'

const componentsOf = ({ url, component = [] }: SearchParameter): SearchParameterDefinition['components'] => {
  const expressions = component.map(({ expression }) => expression)
  if (url === exchanged) expressions.reverse()
  return component.map(({ definition }, n) => ({ definition, expression: expressions[n] ?? '' }))
}

/** Resource types without a parameter are not in the compartment. */
const condenseCompartment = (definition: CompartmentDefinition): Record<string, readonly string[]> =>
  Object.fromEntries(
    definition.resource.flatMap(({ code, param }) => (param === undefined ? [] : [[code, param] as const])),
  )
