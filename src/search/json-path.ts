/** The FHIRPath of a search parameter as JSON paths of SQL, for sorting by what is indexed as hashes only. */
import type { Definitions, ElementDefinition, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { type Expression, readExpression } from './expression.ts'

type Place = { readonly path: string; readonly type: string }

/** What of an element's type is sorted by. */
const tails: Readonly<Record<string, string>> = {
  CodeableConcept: '.coding.code',
  Coding: '.code',
  Identifier: '.value',
  ContactPoint: '.value',
  Reference: '.reference',
}

const key = (name: string): string => `.${JSON.stringify(name)}`

/** The paths, none when the expression is more than a path or selects nothing that can be sorted. */
export const jsonPaths = (
  definitions: Definitions,
  type: string,
  { expression }: SearchParameterDefinition,
): readonly string[] => {
  if (expression === undefined) return []
  const children = (place: Place, name: string): readonly Place[] => {
    const definition = definitions.types.get(place.type)
    const of = (element: ElementDefinition): Place => ({
      path: place.path + key(element.name),
      type: element.type,
    })
    const element = definition?.elements.get(name)
    if (element) return [of(element)]
    const choice = definition?.choices.find((one) => one.name === name)
    return choice?.members.flatMap((member) => definition?.elements.get(member) ?? []).map(of) ?? []
  }
  const walk = (node: Expression): readonly Place[] | undefined => {
    if (node.op === 'name') return node.name === type || node.name === 'Resource' ? [{ path: '$', type }] : []
    if (node.op === 'child') return walk(node.of)?.flatMap((place) => children(place, node.name))
    if (node.op === 'type' && node.keyword === 'as')
      return walk(node.of)?.filter((place) => place.type === node.type)
    if (node.op === 'binary' && node.operator === '|') {
      const [left, right] = [walk(node.left), walk(node.right)]
      return left && right && [...left, ...right]
    }
    if (node.op !== 'call' || !node.of) return undefined
    const [argument] = node.args
    if ((node.name === 'ofType' || node.name === 'as') && argument?.op === 'name')
      return walk(node.of)?.filter((place) => place.type === argument.name)
    const test = node.name === 'where' && argument ? condition(argument) : undefined
    return test === undefined
      ? undefined
      : walk(node.of)?.map((place) => ({ ...place, path: place.path + test }))
  }
  const tree = readOrNothing(expression)
  const found = (tree && walk(tree)) ?? []
  return found.flatMap(({ path, type: of }) => {
    const isPrimitive = definitions.types.get(of)?.kind === 'primitive'
    const tail = isPrimitive ? '' : tails[of]
    return tail === undefined ? [] : [path + tail]
  })
}

/** `where(system = 'phone')` and `where(resolve() is Patient)`, the only forms that there are besides `exists()`. */
const condition = (node: Expression): string | undefined => {
  if (node.op === 'binary' && node.operator === '=' && node.left.op === 'name' && node.right.op === 'literal')
    return ` ? (@${key(node.left.name)} == ${JSON.stringify(node.right.value)})`
  if (node.op === 'type' && node.of.op === 'call' && node.of.name === 'resolve')
    return ` ? (@."reference" like_regex ${JSON.stringify(`(^|/)${node.type}/[^/]+$`)})`
  return undefined
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
