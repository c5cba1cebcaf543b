/** What the maker of a function is given: its input, its arguments and the means to compile them. */
import type { Code } from './code.ts'
import { Beyond } from './failure.ts'
import type { Type, Types } from './item.ts'
import type { Expression } from './syntax.ts'

export type Call = {
  readonly name: string
  /** What stands before the dot, or the focus. */
  readonly input: Code
  readonly args: readonly Expression[]
  readonly types: Types
  /** Whether the expression is one of the published definitions. */
  readonly trusted: boolean
  readonly compile: (expression: Expression) => Code
}

export type Functions = Readonly<Record<string, (call: Call) => Code>>

/** The arguments, compiled. Throws Beyond when they are fewer or more than the function takes. */
export const argsOf = (call: Call, least: number, most = least): readonly Code[] => {
  if (call.args.length < least || call.args.length > most)
    throw new Beyond(`${call.name}() with ${call.args.length} arguments`)
  return call.args.map(call.compile)
}

/** The only argument, compiled. */
export const argOf = (call: Call): Code => argsOf(call, 1)[0] as Code

/** The type that an argument names: `Patient`, `FHIR.Patient`, `System.String`. */
export const typeArgument = (call: Call): Type => {
  const [argument] = call.args
  if (call.args.length !== 1 || argument === undefined) throw new Beyond(`${call.name}() without one type`)
  return typeNamed(call.types, nameOf(argument))
}

const nameOf = (expression: Expression): string => {
  if (expression.op !== 'member') throw new Beyond('a type that is no name')
  return expression.of ? `${nameOf(expression.of)}.${expression.name}` : expression.name
}

const systemTypes = new Set([
  ...['Boolean', 'String', 'Integer', 'Decimal', 'Date', 'DateTime', 'Time', 'Quantity'],
])

/** FHIR's types go before those of System. Throws Beyond for an unknown one. */
export const typeNamed = (types: Types, name: string): Type => {
  const system = name.startsWith('System.') ? name.slice(7) : name
  const type = name.startsWith('System.') ? undefined : types.get(name.replace(/^FHIR\./, ''))
  if (type) return type
  if (systemTypes.has(system)) return types.system(system)
  throw new Beyond(`the type ${name}`)
}
