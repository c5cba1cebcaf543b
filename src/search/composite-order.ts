/** What a composite parameter orders by: its components in turn, of values that belong to the same element. http://hl7.org/fhir/R4/search.html#composite */
import type { Definitions } from '../fhir/definitions/model.ts'
import { rowsOf } from './composite-walk.ts'
import type { Extractor, Indexed } from './extract.ts'
import { jsonPlaces, sortedPath } from './json-path.ts'
import { type ComponentKind, codeReaders } from './params/composite.ts'
import { quantityWriters } from './params/quantity.ts'

/**
 * Where the values of a component are. Paths start at the element, or at the resource; `texts` and `numbers` are read
 * there, and so are `quantities`, whose rows tell the same amount in the units of UCUM's base. What stands once in a
 * resource may be read from its rows.
 */
export type Source =
  | { readonly from: 'texts' | 'numbers'; readonly ofResource: boolean; readonly paths: readonly string[] }
  | {
      readonly from: 'quantities'
      readonly ofResource: boolean
      readonly paths: readonly string[]
      /** Paths to Ranges, of which the lower end counts. */
      readonly ranges: readonly string[]
      readonly parameters: readonly string[]
    }
  | { readonly from: 'strings'; readonly parameters: readonly string[] }
  | { readonly from: 'dates'; readonly parameters: readonly string[] }
  | { readonly from: 'date' }

/** Elements, and what each component is in them. */
export type Group = { readonly path: string; readonly sources: readonly Source[] }

/** Of the combinations of all groups the one that comes first in the order counts. */
export type Combinations = {
  readonly parameter: string
  readonly groups: readonly Group[]
  readonly kinds: readonly ComponentKind[]
}

/** The combinations of a composite; undefined where the index and the paths of SQL do not tell them. */
export const combinationsOf = (
  extractor: Extractor,
  type: string,
  indexed: Indexed,
): Combinations | undefined => {
  const { definitions } = extractor
  const { definition, parameter, kinds } = indexed
  const roots = jsonPlaces(definitions, type, definition.expression ?? type)
  if (!roots || roots.length === 0) return undefined
  const byUrl = new Map([...extractor.indexed(type).values()].map((one) => [one.definition.url, one]))
  const groups: Group[] = []
  for (const root of roots) {
    const sources = definition.components.map(({ definition: url, expression }, n) =>
      sourceOf(definitions, {
        type,
        root: root.type,
        isWhole: root.path === '$',
        kind: kinds[n] ?? 'token',
        expression,
        parameters: rowsOf(parameter),
        component: byUrl.get(url),
      }),
    )
    const known = sources.flatMap((source) => source ?? [])
    if (known.length < sources.length) return undefined
    groups.push({ path: root.path === '$' ? '$' : `${root.path}[*]`, sources: known })
  }
  return { parameter, groups, kinds }
}

type Component = {
  readonly type: string
  /** The type of the element that the component is a part of. */
  readonly root: string
  readonly isWhole: boolean
  readonly kind: ComponentKind
  readonly expression: string
  /** Those of the composite's quantities. */
  readonly parameters: readonly string[]
  /** The parameter that the component is, by itself. */
  readonly component: Indexed | undefined
}

const sourceOf = (definitions: Definitions, of: Component): Source | undefined => {
  const { kind, isWhole, component, parameters } = of
  if (kind === 'string' || kind === 'date') {
    // Of elements that repeat, no row tells which it belongs to.
    if (!isWhole || !component) return undefined
    if (component.primary) return { from: 'date' }
    const parameters = rowsOf(component.parameter)
    return kind === 'string' ? { from: 'strings', parameters } : { from: 'dates', parameters }
  }
  const ofResource = of.expression.startsWith('%resource.')
  const found = ofResource
    ? jsonPlaces(definitions, of.type, of.expression.replace('%resource', of.type))
    : jsonPlaces(definitions, of.root, of.expression, true)
  if (!found) return undefined
  if (kind === 'quantity') {
    const places = found.filter(({ type }) => quantityWriters[type] !== undefined)
    const isSimple = places.every(({ type }) => quantityWriters[type] === 'quantity' || type === 'Range')
    const of = (isRange: boolean): readonly string[] =>
      places.filter(({ type }) => (type === 'Range') === isRange).map(({ path }) => path)
    return isSimple
      ? { from: 'quantities', ofResource, paths: of(false), ranges: of(true), parameters }
      : undefined
  }
  const paths = found.flatMap((place) => {
    const isRead = kind === 'number' || codeReaders[kind][place.type] !== undefined
    return (isRead ? sortedPath(definitions, place) : undefined) ?? []
  })
  if (paths.length === 0) return undefined
  return { from: kind === 'number' ? 'numbers' : 'texts', ofResource, paths }
}
