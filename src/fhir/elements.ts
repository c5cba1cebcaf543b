/** The elements that a resource keeps when it is summarised: http://hl7.org/fhir/R4/search.html#summary */
import type { Definitions, TypeDefinition } from './definitions/model.ts'

/**
 * Member names of the top level that stand in `_summary=true`: those marked as summary and the mandatory ones.
 * Empty for an unknown type. A primitive's `_name` goes with its name.
 */
export const summaryElements = (definitions: Definitions, type: string): ReadonlySet<string> =>
  select(definitions, type, summaries, (definition) => {
    const marked = [...definition.elements.values()].filter((element) => element.summary)
    return new Set([...marked.map((element) => element.name), ...mandatory(definition)])
  })

/** Member names of the top level that must be present, for `_summary=text`: a choice with all of its members. */
export const mandatoryElements = (definitions: Definitions, type: string): ReadonlySet<string> =>
  select(definitions, type, mandatories, (definition) => new Set(mandatory(definition)))

type Memory = WeakMap<TypeDefinition, ReadonlySet<string>>

/** Worked out once a type; definitions never change. */
const summaries: Memory = new WeakMap()
const mandatories: Memory = new WeakMap()
const none: ReadonlySet<string> = new Set()

const select = (
  definitions: Definitions,
  type: string,
  memory: Memory,
  make: (definition: TypeDefinition) => ReadonlySet<string>,
): ReadonlySet<string> => {
  const definition = definitions.types.get(type)
  if (!definition) return none
  const known = memory.get(definition)
  if (known) return known
  const made = make(definition)
  memory.set(definition, made)
  return made
}

const mandatory = (definition: TypeDefinition): readonly string[] => [
  ...[...definition.elements.values()].filter((element) => element.min > 0).map((element) => element.name),
  ...definition.choices.filter((choice) => choice.min > 0).flatMap((choice) => choice.members),
]
