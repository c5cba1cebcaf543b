/** Functions on numbers and conversions: http://hl7.org/fhirpath/N1/#conversion */
import { argOf, argsOf, type Call, type Functions } from './call.ts'
import { type Code, fromRun, fromTest, fromValue, nothing, numberOf, single } from './code.ts'
import { Beyond } from './failure.ts'
import { Item } from './item.ts'

/** The kinds of values that conversions tell apart. */
const isDecimal = (item: Item): boolean => item.type.name === 'decimal' || item.type.name === 'Decimal'

const toText = (item: Item): string | undefined => {
  if (item.value === undefined) return undefined
  if (typeof item.value === 'object') throw new Beyond('toString() of what is no primitive')
  return String(item.value)
}

const toInteger = (item: Item): number | undefined => {
  const { value } = item
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return isDecimal(item) ? undefined : value
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : undefined
}

const toDecimal = ({ value }: Item): number | undefined => {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^[+-]?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined
}

const truths: Readonly<Record<string, boolean>> = {
  ...{ true: true, t: true, yes: true, y: true, '1': true, '1.0': true },
  ...{ false: false, f: false, no: false, n: false, '0': false, '0.0': false },
}

const toBoolean = ({ value }: Item): boolean | undefined => {
  if (typeof value === 'boolean') return value
  const text = String(value).toLowerCase()
  return Object.hasOwn(truths, text) ? truths[text] : undefined
}

const converted =
  (type: string, convert: (item: Item) => string | number | undefined) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromValue(call.types.system(type), (focus, env) => {
      const item = single(call.input.run(focus, env))
      return item && convert(item)
    })
  }

const convertible =
  (convert: (item: Item) => unknown) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromTest(call.types, (focus, env) => {
      const item = single(call.input.run(focus, env))
      return item && convert(item) !== undefined
    })
  }

/** A number of the input alone; `whole` ones become integers. */
const computed =
  (whole: boolean, compute: (value: number) => number) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromRun((focus, env) => {
      const items = call.input.run(focus, env)
      if (items.some((item) => typeof item.value === 'object'))
        throw new Beyond('the arithmetic of quantities')
      const value = numberOf(items)
      if (value === undefined) return nothing
      const keeps = !whole && isDecimal(items[0] as Item)
      const made = compute(value)
      if (!Number.isFinite(made)) return nothing
      return [new Item(made, env.types.system(whole || !keeps ? 'Integer' : 'Decimal'))]
    })
  }

const round = (call: Call): Code => {
  const precision = argOf(call)
  return fromValue(call.types.system('Decimal'), (focus, env) => {
    const value = numberOf(call.input.run(focus, env))
    const digits = numberOf(precision.run(focus, env)) ?? 0
    return value === undefined ? undefined : Math.round(value * 10 ** digits) / 10 ** digits
  })
}

export const numbers: Functions = {
  toString: converted('String', toText),
  toInteger: converted('Integer', toInteger),
  toDecimal: converted('Decimal', toDecimal),
  toBoolean: (call) => {
    argsOf(call, 0)
    return fromTest(call.types, (focus, env) => {
      const item = single(call.input.run(focus, env))
      return item && toBoolean(item)
    })
  },
  convertsToInteger: convertible(toInteger),
  convertsToDecimal: convertible(toDecimal),
  convertsToBoolean: convertible(toBoolean),
  convertsToString: convertible(toText),
  abs: computed(false, Math.abs),
  ceiling: computed(true, Math.ceil),
  floor: computed(true, Math.floor),
  truncate: computed(true, Math.trunc),
  round,
}
