/** Compiles the FHIRPath of search parameters into JavaScript that walks a resource: http://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression */
import type { Definitions, ElementDefinition } from '../fhir/definitions/model.ts'
import { type Expression, readExpression } from './expression.ts'

/** A place in a resource while code is made: the JavaScript that denotes it, and its type. */
export type Item = {
  readonly code: string
  readonly type: string
  readonly targets: readonly string[]
  /** Whether it is one of the types of a choice: a path that goes on is meant for those that have it. */
  readonly isChoice?: true
  /** The value set that a required or other binding names. */
  readonly valueSet?: string
}

/** Makes the code that is run for each item found. */
export type Emit = (item: Item) => string

/** Why an expression is not compiled. */
export class Refusal extends Error {
  override name = 'Refusal'
}

/** The path names something that the type does not have. */
export class UnknownElement extends Refusal {}

const refuse = (reason: string): never => {
  throw new Refusal(reason)
}

/** Types that are also their parent: http://hl7.org/fhir/R4/datatypes.html */
const parents: Readonly<Record<string, string>> = {
  Age: 'Quantity',
  Count: 'Quantity',
  Distance: 'Quantity',
  Duration: 'Quantity',
  SimpleQuantity: 'Quantity',
  MoneyQuantity: 'Quantity',
  code: 'string',
  id: 'string',
  markdown: 'string',
  canonical: 'uri',
  url: 'uri',
  oid: 'uri',
  uuid: 'uri',
  positiveInt: 'integer',
  unsignedInt: 'integer',
}

const itemOf = (code: string, { path, type, targets, binding }: ElementDefinition): Item => ({
  code,
  type,
  targets,
  ...(path.endsWith('[x]') ? { isChoice: true } : {}),
  ...(binding === undefined ? {} : { valueSet: binding.valueSet }),
})

/** Whether a type is another, or a special case of it. */
export const isA = (type: string, wanted: string): boolean => type === wanted || parents[type] === wanted

/**
 * Code that runs `emit` for every item that an expression selects in a resource of the type. `root` and `base` are the
 * JavaScript names of the resource and of the server's base URL; with `relative` the root is an element of the type,
 * whose members the expression begins with. Parts of a union that start at other types are left
 * out. Throws Refusal or SyntaxError when the expression is outside of the subset.
 */
export const compileWalk = (
  definitions: Definitions,
  type: string,
  expression: string,
  names: { readonly root: string; readonly base: string; readonly relative?: boolean },
  emit: Emit,
): string => {
  let count = 0
  const variable = (): string => `v${count++}`
  const root: Item = { code: names.root, type, targets: [] }
  const isPrimitive = (name: string): boolean => definitions.types.get(name)?.kind === 'primitive'

  const members = (item: Item, name: string): readonly ElementDefinition[] => {
    const definition = definitions.types.get(item.type)
    const element = definition?.elements.get(name)
    if (element) return [element]
    const choice = definition?.choices.find((c) => c.name === name)
    if (item.isChoice && !choice) return []
    if (!definition || !choice) throw new UnknownElement(`${item.type} has no element ${name}`)
    return choice.members.flatMap((member) => definition.elements.get(member) ?? [])
  }

  /** Wrong shapes select nothing: a walker must never throw, whatever the resource holds. */
  const guarded = (code: string, type: string, inner: string): string =>
    isPrimitive(type)
      ? `if (${code} !== undefined && ${code} !== null) { ${inner} }`
      : `if (typeof ${code} === 'object' && ${code} !== null) { ${inner} }`

  const step = (item: Item, element: ElementDefinition, emit: Emit): string => {
    const whole = variable()
    const place = element.array ? variable() : whole
    const inner = emit(itemOf(place, element))
    if (inner === '') return ''
    const read = `const ${whole} = ${item.code}[${JSON.stringify(element.name)}];`
    const one = guarded(place, element.type, inner)
    return element.array
      ? `{ ${read} if (Array.isArray(${whole})) for (const ${place} of ${whole}) ${one} }`
      : `{ ${read} ${one} }`
  }

  const children = (item: Item, name: string, emit: Emit): string =>
    members(item, name)
      .map((element) => step(item, element, emit))
      .join('')

  const indexed = (node: Expression & { op: 'index' }, context: Item, emit: Emit): string => {
    const { of, index } = node
    if (of.op !== 'child' || !isSingle(of.of, context)) return refuse('an index after a repeating element')
    return walk(of.of, context, (item) =>
      members(item, of.name)
        .map((element) => {
          const place = variable()
          const inner = emit(itemOf(place, element))
          const read = `const ${place} = ${item.code}[${JSON.stringify(element.name)}]?.[${index}];`
          return `{ ${read} ${guarded(place, element.type, inner)} }`
        })
        .join(''),
    )
  }

  const isSingle = (node: Expression, context: Item): boolean => {
    let single = true
    const visit = (n: Expression): void => {
      if (n.op === 'child') {
        visit(n.of)
        walk(n.of, context, (item) => {
          single &&= members(item, n.name).every((element) => !element.array)
          return ''
        })
      } else if (n.op !== 'name') single = false
    }
    visit(node)
    return single
  }

  const walk = (node: Expression, context: Item, emit: Emit): string => {
    if (node.op === 'name') return named(node.name, context, emit)
    if (node.op === 'child') return walk(node.of, context, (item) => children(item, node.name, emit))
    if (node.op === 'index') return indexed(node, context, emit)
    if (node.op === 'type' && node.keyword === 'as') return ofType(node.of, node.type, context, emit)
    if (node.op === 'call' && node.of) return called(node.name, node.of, node.args, context, emit)
    if (node.op === 'binary' && node.operator === '|')
      return walk(node.left, context, emit) + walk(node.right, context, emit)
    return emit({ code: `(${truth(node, context)})`, type: 'boolean', targets: [] })
  }

  const named = (name: string, context: Item, emit: Emit): string => {
    if (context !== root || names.relative) return children(context, name, emit)
    if (name === type || name === 'Resource' || name === 'DomainResource') return emit(context)
    if (definitions.types.get(name)?.kind === 'resource') return ''
    // One published expression leaves the type out: `name | alias`.
    if (definitions.types.get(type)?.elements.has(name)) return children(context, name, emit)
    return refuse(`${name} is not a resource type`)
  }

  const ofType = (of: Expression, wanted: string, context: Item, emit: Emit): string =>
    walk(of, context, (item) => (isA(item.type, wanted) ? emit(item) : ''))

  const called = (
    name: string,
    of: Expression,
    args: readonly Expression[],
    context: Item,
    emit: Emit,
  ): string => {
    const [argument] = args
    if ((name === 'ofType' || name === 'as') && argument?.op === 'name')
      return ofType(of, argument.name, context, emit)
    if (name === 'where' && argument)
      return walk(of, context, (item) => {
        const inner = emit(item)
        return inner === '' ? '' : `if (${truth(argument, item)}) { ${inner} }`
      })
    if (name === 'extension' && argument?.op === 'literal')
      return walk({ op: 'child', of, name: 'extension' }, context, (item) => {
        const inner = emit(item)
        return inner === '' ? '' : `if (${item.code}.url === ${JSON.stringify(argument.value)}) { ${inner} }`
      })
    if (name === 'exists' && args.length === 0)
      return emit({ code: `(${exists(of, context)})`, type: 'boolean', targets: [] })
    return refuse(`${name}() is not among the functions that are compiled`)
  }

  /** Places that a path without repeating elements may denote, as JavaScript that is undefined when absent. */
  const places = (node: Expression, context: Item): readonly Item[] => {
    if (node.op === 'name' && context === root && node.name === type) return [context]
    if (node.op === 'name' && context !== root) return childPlaces(context, node.name)
    if (node.op === 'child') return places(node.of, context).flatMap((item) => childPlaces(item, node.name))
    return refuse('a condition on more than a simple path')
  }
  const childPlaces = (item: Item, name: string): readonly Item[] =>
    members(item, name).map((element) => {
      if (element.array) return refuse(`a condition on the repeating element ${element.path}`)
      const dot = /^\w+$/.test(item.code) ? '' : '?.'
      return itemOf(`${item.code}${dot}[${JSON.stringify(element.name)}]`, element)
    })

  const exists = (node: Expression, context: Item): string =>
    places(node, context)
      .map((item) => `${item.code} != null`)
      .join(' || ')

  const compared = (node: Expression & { op: 'binary' }, context: Item): string => {
    if (node.right.op !== 'literal') return refuse('a comparison with something other than a literal')
    const literal = JSON.stringify(node.right.value)
    return places(node.left, context)
      .map((item) =>
        node.operator === '='
          ? `${item.code} === ${literal}`
          : `${item.code} != null && ${item.code} !== ${literal}`,
      )
      .join(' || ')
  }

  /** An absent value counts as false, as `where` and the search for a boolean take it. */
  const truth = (node: Expression, context: Item): string => {
    if (node.op === 'binary' && (node.operator === 'and' || node.operator === 'or'))
      return `(${truth(node.left, context)}) ${node.operator === 'and' ? '&&' : '||'} (${truth(node.right, context)})`
    if (node.op === 'binary' && node.operator !== '|') return compared(node, context)
    if (node.op === 'call' && node.name === 'exists' && node.of && node.args.length === 0)
      return exists(node.of, context)
    if (node.op === 'type' && node.keyword === 'is' && isResolve(node.of)) {
      if (context.type !== 'Reference') return refuse(`resolve() on ${context.type}`)
      return `refersTo(${context.code}.reference, ${JSON.stringify(node.type)})`
    }
    return refuse('a condition of an unknown form')
  }
  const isResolve = (node: Expression): boolean => node.op === 'call' && node.name === 'resolve' && !node.of

  return walk(readExpression(expression), root, emit)
}
