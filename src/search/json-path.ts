/** The FHIRPath of a search parameter as JSON paths of SQL, for sorting by what is indexed as hashes only. */
import type { Definitions, ElementDefinition, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { type Expression, readExpression } from './expression.ts'
import { isA } from './walker.ts'

/** A path and the type of what it selects; `repeats` where it may select several. */
export type Place = { readonly path: string; readonly type: string; readonly repeats: boolean }

/** What of an element's type is sorted by. */
const tails: Readonly<Record<string, string>> = {
  CodeableConcept: '.coding.code',
  Coding: '.code',
  Identifier: '.value',
  ContactPoint: '.value',
  Reference: '.reference',
}

/** The paths to what is sorted by at places of a type; undefined where nothing is. `[*]` unpacks what repeats. */
export const sortedPath = (
  definitions: Definitions,
  { path, type }: Place,
  targets: readonly string[] = [],
): string | undefined => {
  if (type === 'Resource') return `${path}${isOneOf(targets)}."id"`
  const tail = definitions.types.get(type)?.kind === 'primitive' ? '' : tails[type]
  return tail === undefined ? undefined : `${path}${tail}[*]`
}

const isOneOf = (targets: readonly string[]): string =>
  targets.length === 0
    ? ''
    : ` ? (${targets.map((type) => `@."resourceType" == ${JSON.stringify(type)}`).join(' || ')})`

/** The paths, none when the expression is more than a path or selects nothing that can be sorted. */
export const jsonPaths = (
  definitions: Definitions,
  type: string,
  { expression, target }: SearchParameterDefinition,
  types: ReadonlySet<string>,
): readonly string[] => {
  const tree = expression === undefined ? undefined : readOrNothing(expression)
  if (!tree) return []
  const walk = walkFrom(definitions, type, false)
  const places = walk(tree)
  if (places)
    return places
      .filter((place) => types.has(place.type))
      .flatMap((place) => sortedPath(definitions, place, target) ?? [])
  const truth = predicate(tree, walk)
  return truth === undefined ? [] : [truth]
}

/** Where an expression leads; undefined when it is more than a path. `relative` ones begin at an element of the type. */
export const jsonPlaces = (
  definitions: Definitions,
  type: string,
  expression: string,
  relative = false,
): readonly Place[] | undefined => {
  const tree = readOrNothing(expression)
  return tree && walkFrom(definitions, type, relative)(tree)
}

type Walk = (node: Expression) => readonly Place[] | undefined

const key = (name: string): string => `.${JSON.stringify(name)}`

const walkFrom = (definitions: Definitions, type: string, relative: boolean): Walk => {
  const root: Place = { path: '$', type, repeats: false }
  const children = (place: Place, name: string): readonly Place[] => {
    const definition = definitions.types.get(place.type)
    const of = (element: ElementDefinition): Place => ({
      path: place.path + key(element.name),
      type: element.type,
      repeats: place.repeats || element.array,
    })
    const element = definition?.elements.get(name)
    if (element) return [of(element)]
    const choice = definition?.choices.find((one) => one.name === name)
    return choice?.members.flatMap((member) => definition?.elements.get(member) ?? []).map(of) ?? []
  }
  const named = (name: string): readonly Place[] => {
    if (relative) return children(root, name)
    return name === type || name === 'Resource' || name === 'DomainResource' ? [root] : []
  }
  const walk: Walk = (node) => {
    if (node.op === 'name') return named(node.name)
    if (node.op === 'child') return walk(node.of)?.flatMap((place) => children(place, node.name))
    if (node.op === 'index')
      return walk(node.of)?.map((place) => ({ ...place, path: `${place.path}[${node.index}]` }))
    if (node.op === 'type' && node.keyword === 'as')
      return walk(node.of)?.filter((place) => isA(place.type, node.type))
    if (node.op === 'binary' && node.operator === '|') {
      const [left, right] = [walk(node.left), walk(node.right)]
      return left && right && [...left, ...right]
    }
    if (node.op !== 'call' || !node.of) return undefined
    const [argument] = node.args
    if ((node.name === 'ofType' || node.name === 'as') && argument?.op === 'name')
      return walk(node.of)?.filter((place) => isA(place.type, argument.name))
    const test = node.name === 'where' && argument ? condition(argument) : undefined
    return test === undefined
      ? undefined
      : walk(node.of)?.map((place) => ({ ...place, path: place.path + test }))
  }
  return walk
}

/** `where(system = 'phone')` and `where(resolve() is Patient)`, the only forms that there are besides `exists()`. */
const condition = (node: Expression): string | undefined => {
  if (node.op === 'binary' && node.operator === '=' && node.left.op === 'name' && node.right.op === 'literal')
    return ` ? (@${key(node.left.name)} == ${JSON.stringify(node.right.value)})`
  if (node.op === 'type' && node.of.op === 'call' && node.of.name === 'resolve')
    return ` ? (@."reference" like_regex ${JSON.stringify(`(^|/)${node.type}/[^/]+$`)})`
  return undefined
}

/** Whether something is so, `Patient.deceased.exists() and Patient.deceased != false`, as a path that gives a boolean. */
const predicate = (node: Expression, walk: Walk): string | undefined => {
  const single = (of: Expression): readonly Place[] | undefined => {
    const places = walk(of)
    return places && places.length > 0 && !places.some(({ repeats }) => repeats) ? places : undefined
  }
  const any = (
    places: readonly Place[] | undefined,
    test: (place: Place) => string | undefined,
  ): string | undefined => {
    const tests = places?.flatMap((place) => test(place) ?? [])
    return tests && tests.length > 0 ? `(${tests.join(' || ')})` : undefined
  }
  const there = ({ path }: Place): string => `exists(${path})`
  if (node.op === 'call' && node.name === 'exists' && node.of && node.args.length === 0)
    return any(single(node.of), there)
  if (node.op !== 'binary') return undefined
  const { left, operator, right } = node
  if (operator === 'and' || operator === 'or') {
    const [one, other] = [predicate(left, walk), predicate(right, walk)]
    return one && other && `(${one} ${operator === 'and' ? '&&' : '||'} ${other})`
  }
  if ((operator !== '=' && operator !== '!=') || right.op !== 'literal') return undefined
  const { value } = right
  const isSame = (place: Place): boolean => kindOf(place.type) === typeof value
  // JSON values of different types are neither equal nor unequal in SQL.
  return operator === '='
    ? any(single(left), (place) => (isSame(place) ? `${place.path} == ${JSON.stringify(value)}` : undefined))
    : any(single(left), (place) =>
        isSame(place) ? `${place.path} != ${JSON.stringify(value)}` : there(place),
      )
}

const numeric: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt'])

const kindOf = (type: string): 'boolean' | 'number' | 'string' => {
  if (type === 'boolean') return 'boolean'
  return numeric.has(type) ? 'number' : 'string'
}

/** What the engine evaluates for posted parameters may be more than is read here. */
const readOrNothing = (expression: string): Expression | undefined => {
  try {
    return readExpression(expression)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
