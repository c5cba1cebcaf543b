/** What a case expects of a value: the value itself, or an object of tests whose names begin with `$`. */
import { isMap, type Json, type JsonMap, same } from './json.ts'

/** Undefined when the value is as expected, else what is wrong, to be read after the name of the value. */
type Test = (value: Json | undefined, wanted: Json) => string | undefined

const shown = (value: Json | undefined): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

const complain = (value: Json | undefined, wanted: string): string => `is ${shown(value)}, expected ${wanted}`

const list = (value: Json | undefined): readonly Json[] | undefined =>
  Array.isArray(value) ? (value as readonly Json[]) : undefined

const contains = (value: Json | undefined, wanted: Json): boolean =>
  typeof value === 'string' && typeof wanted === 'string'
    ? value.includes(wanted)
    : (list(value)?.some((item) => same(item, wanted)) ?? false)

/** Members that are not named may be there; the named ones may be tests again. */
const like = (value: Json | undefined, wanted: JsonMap): string | undefined => {
  if (!isMap(value)) return complain(value, 'an object')
  for (const [name, expected] of Object.entries(wanted)) {
    const fault = differs(value[name], expected)
    if (fault !== undefined) return `has .${name} that ${fault}`
  }
  return undefined
}

const sameMembers = (value: Json | undefined, wanted: readonly Json[]): boolean => {
  const rest = [...(list(value) ?? [])]
  for (const item of wanted) {
    const n = rest.findIndex((other) => same(other, item))
    if (n < 0) return false
    rest.splice(n, 1)
  }
  return rest.length === 0 && list(value) !== undefined
}

const sizeOf = (value: Json | undefined): number | undefined =>
  typeof value === 'string' ? value.length : list(value)?.length

const check = (holds: boolean, value: Json | undefined, wanted: string): string | undefined =>
  holds ? undefined : complain(value, wanted)

const tests: Readonly<Record<string, Test>> = {
  $present: (value, wanted) =>
    check((value !== undefined) === wanted, value, wanted ? 'something' : 'nothing'),
  $is: (value, wanted) => check(same(value, wanted), value, shown(wanted)),
  $not: (value, wanted) =>
    check(differs(value, wanted) !== undefined, value, `anything but ${shown(wanted)}`),
  $matches: (value, wanted) =>
    check(typeof value === 'string' && new RegExp(String(wanted), 'u').test(value), value, `/${wanted}/`),
  $contains: (value, wanted) =>
    check(contains(value, wanted), value, `something with ${shown(wanted)} in it`),
  $lacks: (value, wanted) =>
    check(value !== undefined && !contains(value, wanted), value, `something without ${shown(wanted)}`),
  $oneOf: (value, wanted) => check(contains(wanted, value ?? null), value, `one of ${shown(wanted)}`),
  $length: (value, wanted) => check(sizeOf(value) === wanted, value, `${shown(wanted)} items or characters`),
  $atLeast: (value, wanted) =>
    check(
      (typeof value === 'number' ? value : (sizeOf(value) ?? -1)) >= Number(wanted),
      value,
      `at least ${shown(wanted)}`,
    ),
  $members: (value, wanted) =>
    check(sameMembers(value, list(wanted) ?? []), value, `exactly ${shown(wanted)} in any order`),
  $every: (value, wanted) => {
    const items = list(value)
    if (!items || items.length === 0) return complain(value, 'a list with items')
    const faults = items.map((item) => differs(item, wanted))
    const n = faults.findIndex((fault) => fault !== undefined)
    return n < 0 ? undefined : `has an item ${n} that ${faults[n]}`
  },
  $some: (value, wanted) =>
    check(
      list(value)?.some((item) => differs(item, wanted) === undefined) ?? false,
      value,
      `a list with an item like ${shown(wanted)}`,
    ),
  $none: (value, wanted) =>
    check(
      (list(value) ?? []).every((item) => differs(item, wanted) !== undefined),
      value,
      `no item like ${shown(wanted)}`,
    ),
  $like: (value, wanted) =>
    isMap(wanted) ? like(value, wanted) : 'cannot be compared: $like takes an object',
}

const isTests = (wanted: Json): wanted is JsonMap =>
  isMap(wanted) && Object.keys(wanted).some((name) => name.startsWith('$'))

/** Names of tests in an expectation that do not exist; such a case must fail. */
export const unknownTests = (wanted: Json): readonly string[] => {
  if (Array.isArray(wanted)) return wanted.flatMap((item: Json) => unknownTests(item))
  if (!isMap(wanted)) return []
  return Object.entries(wanted).flatMap(([name, inner]) => [
    ...(name.startsWith('$') && !(name in tests) ? [name] : []),
    ...unknownTests(inner),
  ])
}

/** Undefined when `value` is as `wanted` says, else what is wrong. */
export const differs = (value: Json | undefined, wanted: Json): string | undefined => {
  if (!isTests(wanted)) return check(same(value, wanted), value, shown(wanted))
  for (const [name, argument] of Object.entries(wanted)) {
    const fault = tests[name] ? tests[name](value, argument) : `cannot be compared: there is no test ${name}`
    if (fault !== undefined) return fault
  }
  return undefined
}
