/** What every part of a compiled expression is: three closures that answer the same question in the form that is needed. */
import type { Truth } from './equality.ts'
import { Failure, TooManySteps } from './failure.ts'
import { Item, type Items, type Type, type Types } from './item.ts'

/** The empty collection. */
export const nothing: Items = []

/** What an expression may ask of others. What is absent cannot be answered, and the evaluation says so. */
export type Hooks = {
  /** The resource of a reference that is neither contained nor in the same Bundle. */
  readonly resolve?: (reference: string) => unknown
  /** Undefined when it cannot be told. The value is a code, a Coding or a CodeableConcept. */
  readonly memberOf?: (value: unknown, valueSet: string) => boolean | undefined
  readonly conformsTo?: (value: unknown, profile: string) => boolean | undefined
  readonly htmlChecks?: (text: string) => boolean
}

/** `resource` and `rootResource` differ for what is in a contained resource. `now` is an ISO instant. */
export type Scope = {
  readonly resource: unknown
  readonly rootResource: unknown
  readonly now: string
  readonly hooks: Hooks
  /** How many steps one evaluation may take. */
  readonly steps: number
}

/** How many evaluations over one resource may take all the steps that one may. */
const evaluations = 5

/** The surroundings of evaluations, one after the other: made once for a resource, begun anew for each expression. */
export class Env {
  readonly types: Types
  readonly resource: Items
  readonly rootResource: Items
  readonly now: string
  readonly hooks: Hooks
  context: Items = nothing
  /** What `%extension` is in the rules of where an extension may stand. */
  extension: Items = nothing
  index: Items = nothing
  total: Items = nothing
  readonly #most: number
  /** Of all evaluations together: a hostile definition has many constraints. */
  #left: number
  #steps: number
  readonly stepper = (steps: number): void => this.spend(steps)

  constructor(types: Types, { resource, rootResource, now, hooks, steps }: Scope) {
    const top = types.resource(resource)
    const root = rootResource === resource ? top : types.resource(rootResource)
    this.types = types
    this.resource = top ? [top] : nothing
    this.rootResource = root ? [root] : nothing
    this.now = now
    this.hooks = hooks
    this.#most = steps
    this.#left = steps * evaluations
    this.#steps = steps
  }

  /** The focus of the evaluation that starts here, which is `%context` from then on. */
  begin(focus: Item): Items {
    this.context = [focus]
    this.index = nothing
    this.total = nothing
    this.#left -= this.#most - this.#steps
    this.#steps = Math.min(this.#most, this.#left)
    return this.context
  }

  /** What `$index` is. */
  indexItem(index: number): Items {
    return [new Item(index, this.types.system('Integer'))]
  }

  /** Throws TooManySteps when the evaluation has used up what it may. */
  spend(steps: number): void {
    this.#steps -= steps
    if (this.#steps < 0) throw new TooManySteps('The FHIRPath expression takes too many steps.')
  }
}

export type Run = (focus: Items, env: Env) => Items
type Test = (focus: Items, env: Env) => Truth

export type Code = {
  readonly run: Run
  /** As one boolean: http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections */
  readonly test: Test
  readonly exists: (focus: Items, env: Env) => boolean
}

export const fromRun = (run: Run): Code => ({
  run,
  test: (focus, env) => truthOf(run(focus, env)),
  exists: (focus, env) => run(focus, env).length > 0,
})

export const fromTest = (types: Types, test: Test): Code => {
  const answers = [
    [new Item(true, types.system('Boolean'))],
    [new Item(false, types.system('Boolean'))],
  ] as const
  return {
    run: (focus, env) => {
      const truth = test(focus, env)
      return truth === undefined ? nothing : answers[truth ? 0 : 1]
    },
    test,
    exists: (focus, env) => test(focus, env) !== undefined,
  }
}

/** From a value of System, or undefined for the empty collection. */
export const fromValue = (type: Type, value: (focus: Items, env: Env) => string | number | undefined): Code =>
  fromRun((focus, env) => {
    const made = value(focus, env)
    return made === undefined ? nothing : [new Item(made, type)]
  })

const truthOf = (items: Items): Truth => {
  const item = single(items)
  if (item === undefined) return undefined
  if (typeof item.value === 'boolean') return item.value
  // A FHIR boolean that only has extensions has no value to go by.
  return item.type.name === 'boolean' ? undefined : true
}

/** The only item; throws Failure for several. */
export const single = (items: Items): Item | undefined => {
  if (items.length > 1) throw new Failure(`one item is needed where ${items.length} are`)
  return items[0]
}

/** The text of the only item; undefined when there is none. Throws Failure for what is no text. */
export const textOf = (items: Items): string | undefined => {
  const item = single(items)
  if (item === undefined || item.value === undefined) return undefined
  if (typeof item.value !== 'string') throw new Failure(`a string is needed where ${item.type.name} is`)
  return item.value
}

/** The number of the only item; undefined when there is none. Throws Failure for what is no number. */
export const numberOf = (items: Items): number | undefined => {
  const item = single(items)
  if (item === undefined || item.value === undefined) return undefined
  if (typeof item.value !== 'number') throw new Failure(`a number is needed where ${item.type.name} is`)
  return item.value
}
