/** Binary operators: http://hl7.org/fhirpath/N1/#operations */
import { type Code, fromRun, fromTest, nothing, numberOf, single } from './code.ts'
import { areEqual, areEquivalent, isEqual, orderOf, type Truth } from './equality.ts'
import { Beyond, Failure } from './failure.ts'
import { union } from './filtering.ts'
import { Item, type Items, type Types } from './item.ts'
import { isIn } from './sets.ts'
import { isTemporal } from './temporal.ts'

type Maker = (left: Code, right: Code, types: Types) => Code

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

const equality =
  (wanted: boolean): Maker =>
  (left, right, types) =>
    fromTest(types, (focus, env) => {
      const truth = areEqual(left.run(focus, env), right.run(focus, env))
      return wanted ? truth : not(truth)
    })

const equivalence =
  (wanted: boolean): Maker =>
  (left, right, types) =>
    fromTest(types, (focus, env) => areEquivalent(left.run(focus, env), right.run(focus, env)) === wanted)

const order =
  (holds: (difference: number) => boolean): Maker =>
  (left, right, types) =>
    fromTest(types, (focus, env) => {
      const [a, b] = [single(left.run(focus, env)), single(right.run(focus, env))]
      const difference = a && b ? orderOf(a, b) : undefined
      return difference === undefined ? undefined : holds(difference)
    })

const and: Maker = (left, right, types) =>
  fromTest(types, (focus, env) => {
    const a = left.test(focus, env)
    if (a === false) return false
    const b = right.test(focus, env)
    return b === false ? false : a && b
  })

const or: Maker = (left, right, types) =>
  fromTest(types, (focus, env) => {
    const a = left.test(focus, env)
    if (a === true) return true
    const b = right.test(focus, env)
    return b === true || (a === undefined ? undefined : b)
  })

const xor: Maker = (left, right, types) =>
  fromTest(types, (focus, env) => {
    const [a, b] = [left.test(focus, env), right.test(focus, env)]
    return a === undefined || b === undefined ? undefined : a !== b
  })

const implies: Maker = (left, right, types) =>
  fromTest(types, (focus, env) => {
    const a = left.test(focus, env)
    if (a === false) return true
    const b = right.test(focus, env)
    return b === true || (a === undefined ? undefined : b)
  })

const membership =
  (turned: boolean): Maker =>
  (left, right, types) =>
    fromTest(types, (focus, env) => {
      const [a, b] = [left.run(focus, env), right.run(focus, env)]
      const [one, many] = turned ? [single(b), a] : [single(a), b]
      env.spend(many.length)
      return one === undefined ? undefined : isIn(one, many)
    })

type Compute = (a: number, b: number) => number
type Result = 'same' | 'Decimal' | 'Integer'

const arithmetic =
  (compute: Compute, result: Result): Maker =>
  (left, right) =>
    fromRun((focus, env) =>
      calculate(compute, result, single(left.run(focus, env)), single(right.run(focus, env)), env.types),
    )

const calculate = (
  compute: Compute,
  result: Result,
  a: Item | undefined,
  b: Item | undefined,
  types: Types,
): Items => {
  if (a?.value === undefined || b?.value === undefined) return nothing
  const value = compute(plainNumber(a), plainNumber(b))
  if (!Number.isFinite(value)) return nothing
  const whole = result === 'Integer' || (result === 'same' && isWhole(a) && isWhole(b))
  return [new Item(whole ? value : rounded(value), types.system(whole ? 'Integer' : 'Decimal'))]
}

/** Without the binary noise: 1.8 - 1.2 is 0.6. */
const rounded = (value: number): number => Number(value.toPrecision(15))

const isWhole = (item: Item): boolean => item.type.name !== 'decimal' && item.type.name !== 'Decimal'

const plainNumber = (item: Item): number => {
  if (typeof item.value === 'object' || isTemporal(item.type.name))
    throw new Beyond('the arithmetic of quantities and dates')
  return numberOf([item]) as number
}

const sum: Compute = (a, b) => a + b

/** Adds numbers and joins texts. */
const plus: Maker = (left, right, types) =>
  fromRun((focus, env) => {
    const [a, b] = [single(left.run(focus, env)), single(right.run(focus, env))]
    if (typeof a?.value !== 'string' || isTemporal(a.type.name)) return calculate(sum, 'same', a, b, types)
    if (b?.value === undefined) return nothing
    if (typeof b.value !== 'string') throw new Failure('a text and what is no text cannot be added')
    return [new Item(a.value + b.value, types.system('String'))]
  })

const concatenate: Maker = (left, right) =>
  fromRun((focus, env) => {
    const text = joined(left.run(focus, env)) + joined(right.run(focus, env))
    return [new Item(text, env.types.system('String'))]
  })

/** The empty collection counts as the empty text. */
const joined = (items: Items): string => {
  const item = single(items)
  if (item?.value === undefined) return ''
  if (typeof item.value === 'object') throw new Beyond('& of what is no primitive')
  return String(item.value)
}

export const operators: Readonly<Record<string, Maker>> = {
  '=': equality(true),
  '!=': equality(false),
  '~': equivalence(true),
  '!~': equivalence(false),
  '<': order((difference) => difference < 0),
  '<=': order((difference) => difference <= 0),
  '>': order((difference) => difference > 0),
  '>=': order((difference) => difference >= 0),
  and,
  or,
  xor,
  implies,
  in: membership(false),
  contains: membership(true),
  '|': (left, right) => fromRun((focus, env) => union(left.run(focus, env), right.run(focus, env), env)),
  '+': plus,
  '-': arithmetic((a, b) => a - b, 'same'),
  '*': arithmetic((a, b) => a * b, 'same'),
  '/': arithmetic((a, b) => a / b, 'Decimal'),
  div: arithmetic((a, b) => Math.trunc(a / b), 'Integer'),
  mod: arithmetic((a, b) => a % b, 'same'),
  '&': concatenate,
}

/** `=` with a text on the right, by far the most common comparison of constraints. */
export const equalsText = (left: Code, text: string, types: Types): Code => {
  const literal = new Item(text, types.system('String'))
  return fromTest(types, (focus, env) => {
    const items = left.run(focus, env)
    if (items.length === 0) return undefined
    if (items.length > 1) return false
    const item = items[0] as Item
    return item.value === text && !isTemporal(item.type.name) ? true : isEqual(item, literal)
  })
}
