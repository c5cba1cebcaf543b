/** The functions that an expression may call which selects from one resource alone: http://hl7.org/fhirpath/N1/#functions */
import { createRequire } from 'node:module'
import type { parse } from 'fhirpath'

const load = createRequire(import.meta.url)

type Arity = readonly [least: number, most: number]

const table = (arity: Arity, names: string): readonly (readonly [string, Arity])[] =>
  names.split(' ').map((name) => [name, arity] as const)

const arities: ReadonlyMap<string, Arity> = new Map([
  ...table(
    [0, 0],
    'empty not allTrue anyTrue allFalse anyFalse isDistinct distinct count single first last tail',
  ),
  ...table([0, 0], 'type toInteger toDecimal toString toDate toDateTime toTime toBoolean hasValue getValue'),
  ...table([0, 0], 'convertsToBoolean convertsToInteger convertsToDecimal convertsToString convertsToDate'),
  ...table(
    [0, 0],
    'convertsToDateTime convertsToTime convertsToQuantity upper lower length toChars trim children',
  ),
  ...table([0, 0], 'descendants abs ceiling exp floor ln sqrt truncate sum min max avg'),
  ...table([0, 1], 'exists toQuantity join round lowBoundary highBoundary'),
  ...table(
    [1, 1],
    'all subsetOf supersetOf where extension select repeat ofType is as take skip combine union',
  ),
  ...table(
    [1, 1],
    'intersect exclude indexOf lastIndexOf startsWith endsWith contains split encode decode escape',
  ),
  ...table([1, 1], 'unescape log power'),
  ...table([1, 2], 'aggregate trace defineVariable substring matches matchesFull'),
  ...table([2, 2], 'replace replaceMatches'),
  ...table([2, 3], 'iif'),
])

/** What they answer is not in the resource, and would be another later. */
const elsewhere: ReadonlySet<string> = new Set(['now', 'today', 'timeOfDay', 'resolve', 'memberOf'])

type Node = { readonly type: string; readonly text?: string; readonly children?: readonly Node[] }

/** Why the expression cannot be asked of resources: the first of its calls that does not work. Throws where it is not FHIRPath. */
export const badCall = (expression: string): string | undefined => {
  const read = load('fhirpath').parse as typeof parse
  return within(read(expression) as unknown as Node)
}

const within = (node: Node): string | undefined => {
  const own = node.type === 'Functn' ? called(node) : undefined
  if (own !== undefined) return own
  for (const child of node.children ?? []) {
    const found = within(child)
    if (found !== undefined) return found
  }
  return undefined
}

const called = ({ text = '', children = [] }: Node): string | undefined => {
  if (elsewhere.has(text))
    return `${text}() depends on more than the resource, and an index holds what was so once`
  const arity = arities.get(text)
  if (!arity) return `it calls ${text}(), which FHIRPath does not have`
  const given = children.find(({ type }) => type === 'ParamList')?.children?.length ?? 0
  const [least, most] = arity
  if (given >= least && given <= most) return undefined
  return `${text}() takes ${least === most ? least : `${least} to ${most}`} arguments, and has ${given}`
}
