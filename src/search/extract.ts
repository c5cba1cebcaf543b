/** Resource → index rows, by walkers compiled from the search parameters: http://hl7.org/fhir/R4/search.html */

import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import {
  anyToken,
  type Condition,
  type DateRow,
  type IndexRows,
  present,
  type QuantityRow,
  type StringRow,
} from './algebra.ts'
import { compileComposite } from './composite-walk.ts'
import { distinct } from './distinct.ts'
import { compileItems, selected } from './items.ts'
import { leading } from './leading.ts'
import { type Unusable, unhonoured } from './limits.ts'
import type { ComponentKind } from './params/composite.ts'
import { position } from './params/near.ts'
import { inlined, link, reference, refersTo } from './params/reference.ts'
import { joinedWords, narrative, readTextToken, words } from './params/text.ts'
import { coding, concept, contact, folded, identifier, plain } from './params/token.ts'
import { editionOf, parameterName } from './posted.ts'
import { presenceBits, presenceToken, setBit } from './presence.ts'
import { primaryDate } from './primary-date.ts'
import { createTextWalk, type TextWalk } from './text-walk.ts'
import { type Item, Refusal } from './walker.ts'
import { isWritten, rowRuntime, writeItem } from './writers.ts'

const runtime = {
  ...rowRuntime,
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
  position,
  presenceToken,
  selected,
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
  /** `Type.code`, as in the rows of side tables. */
  readonly parameter: string
  /** Whether it is the type's primary date. */
  readonly primary: boolean
  /** What the components of a composite are compared as. */
  readonly kinds: readonly ComponentKind[]
}

export type Extractor = {
  readonly definitions: Definitions
  extract(type: string, resource: JsonObject, base: string): IndexRows
  /** The parameters that searches of a type can use, by code. */
  indexed(type: string): ReadonlyMap<string, Indexed>
  /** Whether texts of the type tell of what must not be seen, and so cannot be searched. */
  hidesText?(type: string): boolean
  /** Token and reference parameters that could not be compiled, with the reason. */
  refused(type: string): ReadonlyMap<string, string>
  /** Why a parameter cannot be used for a type; undefined when it can. */
  judge(type: string, definition: SearchParameterDefinition): Unusable | undefined
}

type Rows = { readonly strings: StringRow[]; readonly dates: DateRow[]; readonly quantities: QuantityRow[] }

/** Leaves the presence token for last: its place is the first. */
type Walker = (resource: JsonObject, base: string, out: string[], rows: Rows) => string

type Compiled = {
  readonly walker: Walker
  /** `Type.code` of the primary date. */
  readonly primary: string | undefined
  readonly indexed: ReadonlyMap<string, Indexed>
  readonly refused: ReadonlyMap<string, string>
}

/** The walker of a type is made when the type is first met; types with the parameters of `base` use its walkers. */
export const createExtractor = (definitions: Definitions, base?: Extractor): Extractor => {
  const cache = new Map<string, Compiled>()
  const walkTexts = createTextWalk(definitions)
  const isShared = (type: string): boolean =>
    base !== undefined && base.definitions.searchParameters(type) === definitions.searchParameters(type)
  const compiled = (type: string): Compiled => {
    const known = cache.get(type)
    if (known) return known
    const made = compileType(definitions, type)
    cache.set(type, made)
    return made
  }
  const indexed = (type: string): ReadonlyMap<string, Indexed> =>
    base && isShared(type) ? base.indexed(type) : compiled(type).indexed
  return {
    definitions,
    extract: (type, resource, url) => {
      if (base && isShared(type)) return base.extract(type, resource, url)
      const out: string[] = []
      const rows: Rows = { strings: [], dates: [], quantities: [] }
      const { walker, primary } = compiled(type)
      const presence = walker(resource, url, out, rows)
      writeTexts(type, resource, walkTexts, out)
      return {
        tokens: leading(type, presence, out),
        strings: distinct(rows.strings),
        quantities: distinct(rows.quantities),
        ...splitPrimary(distinct(rows.dates), primary),
      }
    },
    indexed,
    refused: (type) => (base && isShared(type) ? base.refused(type) : compiled(type).refused),
    judge: (type, definition) => judge({ definitions, searchable: indexed }, type, definition),
  }
}

const judge = (
  room: { readonly definitions: Definitions; readonly searchable: Extractor['indexed'] },
  type: string,
  definition: SearchParameterDefinition,
): Unusable | undefined => {
  const unusable = (reason: string): Unusable => ({
    element: reason.includes('component') ? 'component' : 'expression',
    reason,
  })
  if (!isWritten(definition)) return unusable(`a parameter of type ${definition.type} cannot be searched`)
  if (!definition.expression) return unusable('it has no expression')
  try {
    const { parameter } = compileParameter(room.definitions, type, definition, new Map())
    return unhonoured(room, type, parameter)
  } catch (error) {
    if (error instanceof Refusal || error instanceof SyntaxError) return unusable(error.message)
    throw error
  }
}

/** The narrative, and every text that no parameter has written. */
const writeTexts = (type: string, resource: JsonObject, walk: TextWalk, out: string[]): void => {
  const covered = new Set<string>()
  for (const token of out) {
    const text = readTextToken(token)
    // Posted parameters come and go, and other texts must not be found or lost with them.
    if (text && editionOf(text.parameter) === undefined) covered.add(text.words)
  }
  const prefix = `${type}._content|`
  walk(resource, (text) => {
    const all = joinedWords(text)
    if (covered.has(all)) return
    covered.add(all)
    words(out, prefix, text)
  })
  const { text } = resource
  if (typeof text === 'object' && text !== null && !Array.isArray(text))
    narrative(out, `${type}._text|`, text)
}

/** Only an invalid resource has two values of the primary date, whose elements do not repeat; the first counts. */
const splitPrimary = (
  dates: readonly DateRow[],
  primary: string | undefined,
): Pick<IndexRows, 'date' | 'dates'> => {
  const date = primary === undefined ? undefined : dates.find(({ parameter }) => parameter === primary)
  return date ? { date, dates: dates.filter(({ parameter }) => parameter !== primary) } : { dates }
}

const compileType = (definitions: Definitions, type: string): Compiled => {
  const indexed = new Map<string, Indexed>()
  const refused = new Map<string, string>()
  const parts: string[] = []
  const single = new Set<string>()
  const bits = presenceBits(definitions.searchParameters(type).values())
  for (const definition of definitions.searchParameters(type).values()) {
    // A parameter without expression is defined in words only.
    if (!isWritten(definition) || columns.has(definition.code) || !definition.expression) continue
    try {
      const { code, parameter } = compileParameter(definitions, type, definition, bits)
      parts.push(code)
      if (definition.type === 'date' && !definition.edition && !code.includes('for (const'))
        single.add(definition.code)
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
    return (resource, base, out, rows) => { let high = 0, low = 0; ${parts.join('\n')} return presenceToken(high, low) }`,
  ) as (runtime: object) => Walker
  const primary = primaryDate(single)
  const first = primary === undefined ? undefined : indexed.get(primary)
  if (first) indexed.set(first.definition.code, { ...first, primary: true })
  return { walker: make(runtime), primary: first?.parameter, indexed, refused }
}

/** What is a column of its own. */
const columns: ReadonlySet<string> = new Set(['_id', '_lastUpdated'])

const compileParameter = (
  definitions: Definitions,
  type: string,
  definition: SearchParameterDefinition,
  bits: ReadonlyMap<string, number>,
): { readonly code: string; readonly parameter: Indexed } => {
  const name = parameterName(type, definition)
  const prefix = `${name}|`
  const types = new Set<string>()
  const targets = new Set<string>()
  const valueSets = new Set<string>()
  const bit = definition.edition === undefined ? bits.get(definition.code) : undefined
  const marker = `${name}!`
  const mark = bit === undefined ? `out.push(${JSON.stringify(marker)});` : setBit(bit)
  const composite =
    definition.type === 'composite' ? compileComposite(definitions, type, definition, mark) : undefined
  const emit = (item: Item): string => {
    const write = writeItem(type, definition, item)
    // Of a choice element only some types may have such values: Consent.source is a Reference or an Attachment.
    if (write === undefined) return ''
    types.add(item.type)
    if (item.type === 'code') valueSets.add(item.valueSet ?? '')
    const allowed = item.targets.length > 0 ? item.targets : definition.target
    for (const target of allowed) if (isTarget(definition, target)) targets.add(target)
    return `${mark} ${write}`
  }
  const code = composite?.code ?? compileItems(definitions, type, definition, emit)
  if (types.size === 0 && !composite)
    throw new Refusal(`it selects nothing that a ${definition.type} parameter can search`)
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
      parameter: name,
      primary: false,
      kinds: composite?.kinds ?? [],
    },
  }
}

const isTarget = (definition: SearchParameterDefinition, target: string): boolean =>
  definition.target.length === 0 || definition.target.includes(target)
