/** Compiles FHIRPath into closures over plain JSON: http://hl7.org/fhirpath/N1/ with the functions of http://hl7.org/fhir/R4/fhirpath.html */
import type { Definitions } from '../definitions/model.ts'
import { type Call, typeNamed } from './call.ts'
import { type Code, Env, fromRun, nothing, numberOf, type Scope } from './code.ts'
import type { Truth } from './equality.ts'
import { existence } from './existence.ts'
import { Beyond } from './failure.ts'
import { filtering } from './filtering.ts'
import { Item, type Items, type Member, type Type, Types } from './item.ts'
import { isOfType, kinds, ofType } from './kinds.ts'
import { numbers } from './numbers.ts'
import { equalsText, operators } from './operators.ts'
import { type Expression, readFhirpath } from './syntax.ts'
import { texts } from './texts.ts'
import { holds, pushMember } from './walk.ts'

const functions = new Map(Object.entries({ ...existence, ...filtering, ...texts, ...numbers, ...kinds }))

/**
 * Evaluations throw Failure when the expression does not fit the data, TooManySteps, and Beyond for the few things
 * that only show with the data (quantities of different units).
 */
export type Compiled = {
  evaluate(focus: Item, env: Env): Items
  /** As one boolean; undefined for the empty collection. */
  test(focus: Item, env: Env): Truth
}

export type Fhirpath = {
  readonly types: Types
  /** For the evaluations over one resource. */
  env(scope: Scope): Env
  /**
   * Throws SyntaxError for what is no FHIRPath, and Beyond for what only the full engine knows. The regular expressions
   * of a `trusted` one are not bounded in time.
   */
  compile(expression: string, trusted?: boolean): Compiled
}

export const createFhirpath = (definitions: Definitions): Fhirpath => {
  const types = new Types(definitions)
  return {
    types,
    env: (scope) => new Env(types, scope),
    compile: (expression, trusted = false) => {
      const code = new Compiler(types, trusted).code(readFhirpath(expression))
      return {
        evaluate: (focus, env) => code.run(env.begin(focus), env),
        test: (focus, env) => code.test(env.begin(focus), env),
      }
    },
  }
}

const identity: Code = fromRun((focus) => focus)

class Compiler {
  readonly #types: Types
  readonly #trusted: boolean
  readonly compile = (expression: Expression): Code => this.code(expression)

  constructor(types: Types, trusted: boolean) {
    this.#types = types
    this.#trusted = trusted
  }

  code(tree: Expression): Code {
    switch (tree.op) {
      case 'literal':
        return this.#literal(tree)
      case 'empty':
        return fromRun(() => nothing)
      case 'this':
        return identity
      case 'index':
        return fromRun((_focus, env) => env.index)
      case 'total':
        return fromRun((_focus, env) => env.total)
      case 'constant':
        return this.#constant(tree.name)
      case 'member':
        return this.#member(tree.of, tree.name)
      case 'call':
        return this.#call(tree)
      case 'item':
        return this.#item(this.code(tree.of), this.code(tree.index))
      case 'sign':
        return this.#sign(tree.sign, tree.of)
      case 'type':
        return this.#typed(tree)
      case 'binary':
        return this.#binary(tree)
    }
  }

  #literal({ type, value, unit }: Expression & { op: 'literal' }): Code {
    if (type === 'Long') throw new Beyond('long numbers')
    const whole = unit === undefined ? value : { value, unit }
    const items = [new Item(whole, this.#types.system(type))]
    return fromRun(() => items)
  }

  #constant(name: string): Code {
    if (name === 'resource') return fromRun((_focus, env) => env.resource)
    if (name === 'rootResource') return fromRun((_focus, env) => env.rootResource)
    if (name === 'context') return fromRun((_focus, env) => env.context)
    if (name === 'extension') return fromRun((_focus, env) => env.extension)
    const text = constantText(name)
    if (text === undefined) throw new Beyond(`the constant %${name}`)
    return this.#literal({ op: 'literal', type: 'String', value: text })
  }

  #member(of: Expression | undefined, name: string): Code {
    const type = of === undefined && /^[A-Z]/.test(name) ? this.#types.get(name) : undefined
    if (type) return ofType(identity, type)
    const steps = stepper(name)
    const run = (items: Items, env: Env): Items => {
      const found: Item[] = []
      env.spend(items.length)
      for (const item of items)
        for (const member of steps(item.type)) pushMember(found, item, member, env.types)
      return found
    }
    const exists = (items: Items): boolean => items.some((item) => anyHolds(item, steps(item.type)))
    if (of === undefined) return { ...fromRun(run), exists }
    const input = this.code(of)
    return {
      ...fromRun((focus, env) => run(input.run(focus, env), env)),
      exists: (focus, env) => exists(input.run(focus, env)),
    }
  }

  #call({ of, name, args }: Expression & { op: 'call' }): Code {
    const make = functions.get(name)
    if (!make) throw new Beyond(`the function ${name}()`)
    const input = of === undefined ? identity : this.code(of)
    const [types, trusted] = [this.#types, this.#trusted]
    const call: Call = { name, input, args, types, trusted, compile: this.compile }
    return make(call)
  }

  #item(of: Code, index: Code): Code {
    return fromRun((focus, env) => {
      const at = numberOf(index.run(focus, env))
      const item = at === undefined ? undefined : of.run(focus, env)[at]
      return item ? [item] : nothing
    })
  }

  #sign(sign: '+' | '-', of: Expression): Code {
    if (of.op === 'literal' && typeof of.value === 'number')
      return this.#literal({ ...of, value: sign === '-' ? -of.value : of.value })
    const zero = this.#literal({ op: 'literal', type: 'Integer', value: 0 })
    return this.#operator(sign, zero, this.code(of))
  }

  #typed({ keyword, of, type }: Expression & { op: 'type' }): Code {
    const named = typeNamed(this.#types, type)
    const input = this.code(of)
    return keyword === 'as' ? ofType(input, named) : isOfType({ input, types: this.#types }, named)
  }

  #binary({ operator, left, right }: Expression & { op: 'binary' }): Code {
    if (operator === '=' && right.op === 'literal' && right.type === 'String')
      return equalsText(this.code(left), String(right.value), this.#types)
    return this.#operator(operator, this.code(left), this.code(right))
  }

  #operator(operator: string, left: Code, right: Code): Code {
    const make = operators[operator]
    if (!make) throw new Beyond(`the operator ${operator}`)
    return make(left, right, this.#types)
  }
}

/** The members of a name, remembered for the type that was met last: nearly always the same one. */
const stepper = (name: string): ((type: Type) => readonly Member[]) => {
  let lastType: Type | undefined
  let last: readonly Member[] = []
  return (type) => {
    if (type === lastType) return last
    last = type.members(name)
    lastType = type
    return last
  }
}

const anyHolds = (item: Item, members: readonly Member[]): boolean => {
  const owner = (item.type.isPrimitive ? item.extra : item.value) as Record<string, unknown> | undefined
  if (typeof owner !== 'object' || owner === null) return false
  for (const member of members) if (holds(owner, member)) return true
  return false
}

/** http://hl7.org/fhir/R4/fhirpath.html#variables */
const constantText = (name: string): string | undefined => {
  if (name === 'ucum') return 'http://unitsofmeasure.org'
  if (name === 'sct') return 'http://snomed.info/sct'
  if (name === 'loinc') return 'http://loinc.org'
  if (name.startsWith('vs-')) return `http://hl7.org/fhir/ValueSet/${name.slice(3)}`
  if (name.startsWith('ext-')) return `http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`
  return undefined
}
