/** Resource → index rows, by walkers compiled from the search parameters: http://hl7.org/fhir/R4/search.html */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { anyToken, type Condition, type IndexRows, present } from './algebra.ts'
import { inlined, link, reference, referenceWriters, refersTo } from './params/reference.ts'
import { coding, concept, contact, folded, identifier, plain, tokenWriters } from './params/token.ts'
import { presenceBits, presenceToken, setBit } from './presence.ts'
import { compileWalk, Refusal } from './walker.ts'

const runtime = {
  coding,
  concept,
  contact,
  folded,
  identifier,
  plain,
  inlined,
  link,
  reference,
  refersTo,
  presenceToken,
}

const writers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  token: tokenWriters,
  reference: referenceWriters,
}

/** A parameter of a resource type that is indexed. */
export type Indexed = {
  readonly definition: SearchParameterDefinition
  /** What its tokens start with. */
  readonly prefix: string
  /** Types of the elements that it selects. */
  readonly types: ReadonlySet<string>
  /** Resource types that it may refer to. */
  readonly targets: readonly string[]
  /** The value sets that its elements of type code are bound to. */
  readonly valueSets: readonly string[]
  /** That it has a value. */
  readonly present: Condition
}

export type Extractor = {
  readonly definitions: Definitions
  extract(type: string, resource: JsonObject, base: string): IndexRows
  /** The parameters that searches of a type can use, by code. */
  indexed(type: string): ReadonlyMap<string, Indexed>
  /** Token and reference parameters that could not be compiled, with the reason. */
  refused(type: string): ReadonlyMap<string, string>
}

/** Leaves the presence token for last: its place is the first. */
type Walker = (resource: JsonObject, base: string, out: string[]) => string

type Compiled = {
  readonly walker: Walker
  readonly indexed: ReadonlyMap<string, Indexed>
  readonly refused: ReadonlyMap<string, string>
}

/** One extractor serves a process; the walker of a type is made when the type is first met. */
export const createExtractor = (definitions: Definitions): Extractor => {
  const cache = new Map<string, Compiled>()
  const compiled = (type: string): Compiled => {
    const known = cache.get(type)
    if (known) return known
    const made = compileType(definitions, type)
    cache.set(type, made)
    return made
  }
  return {
    definitions,
    extract: (type, resource, base) => {
      const out: string[] = []
      const presence = compiled(type).walker(resource, base, out)
      return { tokens: [...new Set([presence, ...out])], strings: [], dates: [], quantities: [] }
    },
    indexed: (type) => compiled(type).indexed,
    refused: (type) => compiled(type).refused,
  }
}

const compileType = (definitions: Definitions, type: string): Compiled => {
  const indexed = new Map<string, Indexed>()
  const refused = new Map<string, string>()
  const parts: string[] = []
  const bits = presenceBits(definitions.searchParameters(type).values())
  for (const definition of definitions.searchParameters(type).values()) {
    // The logical id is a column of its own; a parameter without expression is defined in words only.
    if (!writers[definition.type] || definition.code === '_id' || !definition.expression) continue
    try {
      const { code, parameter } = compileParameter(definitions, type, definition, definition.expression, bits)
      parts.push(code)
      indexed.set(definition.code, parameter)
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof SyntaxError)) throw error
      refused.set(definition.code, error.message)
    }
  }
  // Source made of definitions only: every text in it went through JSON.stringify.
  const make = new Function(
    'runtime',
    `const { ${Object.keys(runtime).join(', ')} } = runtime
    return (resource, base, out) => { let high = 0, low = 0; ${parts.join('\n')} return presenceToken(high, low) }`,
  ) as (runtime: object) => Walker
  return { walker: make(runtime), indexed, refused }
}

const compileParameter = (
  definitions: Definitions,
  type: string,
  definition: SearchParameterDefinition,
  expression: string,
  bits: ReadonlyMap<string, number>,
): { readonly code: string; readonly parameter: Indexed } => {
  const prefix = `${type}.${definition.code}|`
  const types = new Set<string>()
  const targets = new Set<string>()
  const valueSets = new Set<string>()
  const bit = bits.get(definition.code)
  const marker = `${type}.${definition.code}!`
  const mark = bit === undefined ? `out.push(${JSON.stringify(marker)});` : setBit(bit)
  const code = compileWalk(definitions, type, expression, { root: 'resource', base: 'base' }, (item) => {
    const writer = writers[definition.type]?.[item.type]
    // Of a choice element only some types may have such values: Consent.source is a Reference or an Attachment.
    if (writer === undefined) return ''
    types.add(item.type)
    if (item.type === 'code') valueSets.add(item.valueSet ?? '')
    const allowed = item.targets.length > 0 ? item.targets : definition.target
    for (const target of allowed) if (isTarget(definition, target)) targets.add(target)
    return `${mark} ${writer}(out, ${JSON.stringify(prefix)}, ${item.code}, base);`
  })
  if (types.size === 0) throw new Refusal(`it selects nothing that a ${definition.type} parameter can search`)
  const there = bit === undefined ? anyToken([marker], 'most') : present(bit)
  return {
    code,
    parameter: {
      definition,
      prefix,
      types,
      targets: [...targets],
      valueSets: [...valueSets],
      present: there,
    },
  }
}

const isTarget = (definition: SearchParameterDefinition, target: string): boolean =>
  definition.target.length === 0 || definition.target.includes(target)
