/** The compact JSON form of the definitions, as cached, and the tables made of it. */

import { type CompactCodeSystem, expandCodeSystem } from './condense-terms.ts'
import type {
  ChoiceDefinition,
  Definitions,
  ElementDefinition,
  SearchParameterDefinition,
  TypeDefinition,
  ValueSetDefinition,
} from './model.ts'

/** Part of the cache's name: raise it with every change of the shape or of what is condensed. */
export const compactFormat = 5

/** JSON has neither Map, RegExp nor Infinity: elements are lists, patterns sources, `max` of `*` is -1. */
export type Compact = {
  readonly types: readonly CompactType[]
  readonly searchParameters: readonly SearchParameterDefinition[]
  /** Compartment → resource type → codes. */
  readonly compartments: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  readonly codeSystems: readonly CompactCodeSystem[]
  readonly valueSets: readonly ValueSetDefinition[]
}

export type CompactType = Omit<TypeDefinition, 'elements' | 'pattern'> & {
  readonly elements: readonly ElementDefinition[]
  readonly choices: readonly ChoiceDefinition[]
  readonly pattern?: string
}

/** The tables that the rooms read, frozen. Takes some milliseconds. */
export const expand = (compact: Compact): Definitions => {
  const types = new Map(compact.types.map((type) => [type.name, expandType(type)]))
  const compartments = new Map(
    Object.entries(compact.compartments).map(([name, links]) => [name, new Map(Object.entries(links))]),
  )
  return Object.freeze({
    types,
    compartments,
    codeSystems: new Map(compact.codeSystems.map((one) => [one.url, expandCodeSystem(one)])),
    valueSets: new Map(compact.valueSets.map((one) => [one.url, one])),
    searchParameters: searchParameterTables(types, compact.searchParameters),
  })
}

const expandType = ({ pattern, elements, ...type }: CompactType): TypeDefinition =>
  Object.freeze({
    ...type,
    elements: new Map(elements.map((element) => [element.name, expandElement(element)])),
    ...(pattern === undefined ? {} : { pattern: new RegExp(pattern) }),
  })

const expandElement = (element: ElementDefinition): ElementDefinition =>
  Object.freeze(element.max === -1 ? { ...element, max: Number.POSITIVE_INFINITY } : element)

type ParameterTable = ReadonlyMap<string, SearchParameterDefinition>

/** One table a resource type, made on first use; a type's own parameter goes before an inherited one. */
const searchParameterTables = (
  types: ReadonlyMap<string, TypeDefinition>,
  parameters: readonly SearchParameterDefinition[],
): ((resourceType: string) => ParameterTable) => {
  const own = Map.groupBy(
    parameters.flatMap((parameter) => parameter.base.map((base) => ({ base, parameter }))),
    ({ base }) => base,
  )
  const tables = new Map<string, ParameterTable>()
  const table = (name: string): ParameterTable => {
    const known = tables.get(name)
    if (known) return known
    const type = types.get(name)
    if (type?.kind !== 'resource') return nothing
    const inherited = type.base === undefined ? nothing : table(type.base)
    const made = new Map(inherited)
    for (const { parameter } of own.get(name) ?? []) made.set(parameter.code, parameter)
    tables.set(name, made)
    return made
  }
  return table
}

const nothing: ParameterTable = new Map()
