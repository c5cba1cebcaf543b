/** Posted SearchParameters as searches read them: which are in effect, and why others cannot be. http://hl7.org/fhir/R4/searchparameter.html */
import type { SearchParameter } from 'fhir/r4.js'
import type { Definitions, SearchLimits, SearchParameterDefinition } from '../../fhir/definitions/model.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'

/** An active SearchParameter and the generation of definitions from which on it has been the same. */
export type ActiveParameter = { readonly definition: SearchParameter; readonly since: string }

/** The types that a SearchParameter's `base` stands for. */
export const typesOf = (definitions: Definitions, base: readonly string[]): readonly string[] =>
  resourceTypes.filter((type) => {
    for (let at: string | undefined = type; at !== undefined; at = definitions.types.get(at)?.base)
      if (base.includes(at)) return true
    return false
  })

/** In the form of the definitions; `edition` tells its index rows from those of others. */
export const condensed = (
  definitions: Definitions,
  parameter: SearchParameter,
  edition: string,
): SearchParameterDefinition => ({
  code: parameter.code,
  url: parameter.url,
  type: parameter.type,
  base: typesOf(definitions, parameter.base),
  ...(parameter.expression === undefined ? {} : { expression: parameter.expression }),
  target: parameter.target ?? [],
  components: (parameter.component ?? []).map(({ definition, expression }) => ({
    definition: definition.split('|')[0] ?? '',
    expression,
  })),
  description: parameter.description,
  edition,
  ...limitsOf(parameter),
})

const limitsOf = ({
  modifier,
  comparator,
  multipleOr,
  multipleAnd,
  chain,
}: SearchParameter): Pick<SearchParameterDefinition, 'limits'> => {
  const limits: SearchLimits = {
    ...(modifier ? { modifiers: modifier } : {}),
    ...(comparator ? { comparators: comparator } : {}),
    ...(multipleOr === false ? { multipleOr } : {}),
    ...(multipleAnd === false ? { multipleAnd } : {}),
    ...(chain ? { chains: chain } : {}),
  }
  return Object.keys(limits).length > 0 ? { limits } : {}
}

/**
 * The parameters that are in effect: those whose code none of their types has from the specification or from one that
 * was posted before. The edition of a composite changes with its components.
 */
export const inEffect = (
  definitions: Definitions,
  active: readonly ActiveParameter[],
): readonly SearchParameterDefinition[] => {
  const ordered = [...active].sort((a, b) => Number(a.since) - Number(b.since))
  const taken = new Set<string>()
  const sinceOf = new Map(ordered.map(({ definition, since }) => [definition.url, since]))
  const found: SearchParameterDefinition[] = []
  for (const { definition, since } of ordered) {
    const parts = (definition.component ?? []).flatMap(
      (one) => sinceOf.get(one.definition.split('|')[0] ?? '') ?? [],
    )
    const one = condensed(definitions, definition, [since, ...parts].join('.'))
    const names = one.base.map((type) => `${type}.${one.code}`)
    const isFree = one.base.every((type) => !definitions.searchParameters(type).has(one.code))
    if (!isFree || names.some((name) => taken.has(name))) continue
    for (const name of names) taken.add(name)
    found.push(one)
  }
  return found
}
