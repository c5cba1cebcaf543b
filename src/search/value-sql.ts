/** Conditions on strings, dates and quantities → SQL on the side tables and the resource's own date. */
import type { Bounds, Condition, QuantityTest, StringTest } from './algebra.ts'
import { hashToken, parameterNumber } from './hash.ts'
import { earliest, latest } from './params/date.ts'
import { head } from './stored.ts'

/** Adds a value of a Postgres type and gives its placeholder. */
export type Add = (value: unknown, type: string) => string

export type ValueCondition = Condition & { readonly kind: 'strings' | 'dates' | 'quantities' }

/** Whether a condition is one on values. */
export const isValueCondition = (condition: Condition): condition is ValueCondition =>
  condition.kind === 'strings' || condition.kind === 'dates' || condition.kind === 'quantities'

/** Above every text that begins with what stands before it. */
const above = '\u{10ffff}'

const stringTest = (test: StringTest, add: Add): string => {
  const { how, text } = test
  const first = head(text)
  if (how === 'starts') {
    const start = `s.folded >= ${add(first, 'text')} and s.folded < ${add(first + above, 'text')}`
    return first === text ? start : `${start} and starts_with(s.rest, ${add(text, 'text')})`
  }
  if (how === 'below') {
    const under = text.endsWith('/') ? text : `${text}/`
    return `(${stringTest({ how: 'equals', text }, add)} or ${stringTest({ how: 'starts', text: under }, add)})`
  }
  if (how === 'equals' || how === 'exact') {
    const same = `s.folded = ${add(first, 'text')}${first === text ? ' and s.rest is null' : ` and s.rest = ${add(text, 'text')}`}`
    return test.how === 'exact'
      ? `${same} and coalesce(s.exact, s.rest, s.folded) = ${add(test.exact, 'text')}`
      : same
  }
  const whole = 'coalesce(s.rest, s.folded)'
  if (how === 'ends') return `right(${whole}, length(${add(text, 'text')})) = ${add(text, 'text')}`
  if (how === 'contains') return `strpos(${whole}, ${add(text, 'text')}) > 0`
  return text
    .split(' ')
    .map((word) => `strpos(' ' || ${whole}, ${add(` ${word}`, 'text')}) > 0`)
    .join(' and ')
}

const instant = (ms: number): string => new Date(ms).toISOString()

/** Dates outside of the ends of time are met by all values or by none. */
const dateBound = (column: string, sign: '>=' | '<=', ms: number | undefined, add: Add): string[] => {
  if (ms === undefined) return []
  if (sign === '>=' ? ms <= earliest : ms >= latest) return []
  if (sign === '>=' ? ms > latest : ms < earliest) return ['false']
  return [`${column} ${sign} ${add(instant(ms), 'timestamptz')}`]
}

/** What is not longer than this is found by its beginning; the index of the longer ones is small. */
const long = { ms: 32 * 86_400_000, text: "interval '32 days'" } as const

const dateTest = (bounds: Bounds, low: string, high: string, add: Add): string => {
  const { lowMin, lowMax, highMin, highMax } = bounds
  const parts = [
    ...dateBound(low, '>=', lowMin, add),
    ...dateBound(low, '<=', lowMax, add),
    ...dateBound(high, '>=', highMin, add),
    ...dateBound(high, '<=', highMax, add),
  ]
  return parts.join(' and ') || 'true'
}

/** The same with bounds on `low` that follow from those on `high`, so that an index serves both ends. */
const dateRanges = (bounds: Bounds): readonly (Bounds & { readonly long: boolean })[] => {
  const { lowMin, highMin, highMax, lowMax } = bounds
  const upper = highMax === undefined || (lowMax !== undefined && lowMax < highMax) ? {} : { lowMax: highMax }
  const tight = { ...bounds, ...upper }
  if (lowMin !== undefined || highMin === undefined) return [{ ...tight, long: false }]
  return [
    { ...tight, lowMin: highMin - long.ms, long: false },
    { ...tight, lowMax: Math.min(tight.lowMax ?? latest, highMin - long.ms - 1), long: true },
  ]
}

const dateLookUp = (bounds: Bounds, low: string, high: string, add: Add): readonly string[] =>
  dateRanges(bounds).map((range) =>
    range.long
      ? // The index of the long ones must serve this, not the one in the order of the beginnings.
        `${high} - ${low} > ${long.text} and ${dateTest(range, `(${low} + '0'::interval)`, high, add)}`
      : dateTest(range, low, high, add),
  )

const tighter = (
  a: number | undefined,
  b: number | undefined,
  choose: (...all: number[]) => number,
): number | undefined => (a === undefined ? b : b === undefined ? a : choose(a, b))

const both = (a: Bounds, b: Bounds): Bounds => {
  const merged = {
    lowMin: tighter(a.lowMin, b.lowMin, Math.max),
    lowMax: tighter(a.lowMax, b.lowMax, Math.min),
    highMin: tighter(a.highMin, b.highMin, Math.max),
    highMax: tighter(a.highMax, b.highMax, Math.min),
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
}

/**
 * Conditions on the primary date as ranges of its index that do not overlap; conditions with alternatives are filters
 * in each of them.
 */
export const primaryRanges = (conditions: readonly Condition[], add: Add): readonly (readonly string[])[] => {
  const dates = conditions.flatMap((one) => (one.kind === 'dates' && one.primary ? [one.any] : []))
  const single = dates.flatMap((any) => (any.length === 1 && any[0] ? [any[0]] : []))
  const several = dates.filter((any) => any.length !== 1)
  const filters = several.map(
    (any) =>
      `(${any.map((one) => `(${dateTest(one, 'r.date_low', 'r.date_high', add)})`).join(' or ') || 'false'})`,
  )
  if (single.length === 0) return [filters]
  return dateLookUp(single.reduce(both), 'r.date_low', 'r.date_high', add).map((test) => [test, ...filters])
}

const numberBound = (column: string, sign: '>=' | '<=', n: number | undefined, add: Add): string[] =>
  n === undefined ? [] : [`${column} ${sign} ${add(n, 'float8')}`]

const quantityTest = (test: QuantityTest, tenant: number, add: Add, isWide?: boolean): string => {
  const { bounds, canonical, system, unit, code, coded } = test
  // Wide rows are few and have an index, which must serve them: their other columns are hidden from the other ones.
  const shown = (column: string): string => (isWide ? `(${column} + 0)` : column)
  const low = shown(canonical ? 's.canonical_low' : 's.low')
  const high = canonical ? 's.canonical_high' : 's.high'
  const hash = (column: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`${column} = ${add(hashToken(tenant, text), 'bigint')}`]
  // A number is its own low and high: what is asked of its high end the index of the low end can serve.
  const point = isWide === false ? low : high
  return (
    [
      ...hash(shown('s.code'), code),
      ...(canonical ? [`${shown('s.canonical_low')} is not null`] : []),
      ...hash(shown('s.system_unit'), system),
      ...numberBound(low, '>=', bounds.lowMin, add),
      ...numberBound(low, '<=', bounds.lowMax, add),
      ...numberBound(point, '>=', bounds.highMin, add),
      ...numberBound(point, '<=', bounds.highMax, add),
      ...hash('s.coded', coded),
      ...(unit === undefined ? [] : unitTest(hashToken(tenant, unit), add)),
      ...(isWide === undefined ? [] : [isWide ? 's.low <> s.high' : 's.low = s.high']),
    ].join(' and ') || 'true'
  )
}

const unitTest = (hash: string, add: Add): string[] => {
  const unit = add(hash, 'bigint')
  return [`(s.code_unit = ${unit} or s.name_unit = ${unit})`]
}

type Branch = {
  readonly table: string
  readonly parameter: string
  readonly test: string
  /** The index of what the test asks for must serve it, not the one of the parameter. */
  readonly hidden?: true
}

/** How a test looks into a text, and not at its beginning. */
const inside: readonly StringTest['how'][] = ['contains', 'ends', 'words']

/** Every three letters in a row that a text with these words has. */
const trigrams = (text: string): readonly string[] => {
  const found = new Set<string>()
  for (const word of text.split(' ')) {
    const letters = [...word]
    for (let n = 0; n + 3 <= letters.length; n++) found.add(letters.slice(n, n + 3).join(''))
  }
  return [...found]
}

/** What the beginning of a text contains the text does: the index has it, so only long texts are looked at themselves. */
const inBeginning = (parameter: string, test: StringTest, add: Add): readonly Branch[] => {
  const table = 'search_string'
  return [
    { table, parameter, test: `strpos(s.folded, ${add(test.text, 'text')}) > 0` },
    { table, parameter, test: `s.rest is not null and ${stringTest(test, add)}` },
  ]
}

/** Whether the index must look through all values of the parameter: for parts of texts shorter than three letters. */
export const looksThrough = (condition: RowCondition): boolean =>
  condition.kind === 'strings' &&
  condition.any.some(({ how, text }) => inside.includes(how) && trigrams(text).length === 0)

/** What is inside of a text is found by the three letters that it has; the index has only the beginnings of long texts. */
const stringBranches = (parameter: string, test: StringTest, add: Add): readonly Branch[] => {
  const table = 'search_string'
  const three = inside.includes(test.how) ? trigrams(test.text) : []
  if (three.length === 0 && test.how === 'contains') return inBeginning(parameter, test, add)
  const text = stringTest(test, add)
  if (three.length === 0) return [{ table, parameter, test: text }]
  const inShort = `trigrams(s.folded) @> ${add(three, 'text[]')} and s.rest is null and ${text}`
  return [
    { table, parameter, test: inShort, hidden: true },
    { table, parameter, test: `s.rest is not null and ${stringTest(test, add)}` },
  ]
}

/** The rows that meet the condition, as alternatives that an index serves each. */
const branches = (condition: ValueCondition, tenant: number, add: Add): readonly Branch[] => {
  if (condition.kind === 'strings') {
    const { parameter } = condition
    return condition.any.flatMap((test) => stringBranches(parameter, test, add))
  }
  if (condition.kind === 'dates') {
    const table = 'search_date'
    const { parameter } = condition
    return condition.any.flatMap((bounds) =>
      dateLookUp(bounds, 's.low', 's.high', add).map((test) => ({ table, parameter, test })),
    )
  }
  const table = 'search_quantity'
  return condition.parameters.flatMap((parameter) =>
    condition.any.flatMap((test) =>
      [false, true].map((isWide) => ({
        table,
        parameter,
        test: quantityTest(test, tenant, add, isWide),
      })),
    ),
  )
}

/** A condition whose values stand in side tables. */
export type RowCondition = ValueCondition

/** Whether the condition's values stand in side tables, and not in the resource's row. */
export const isRowCondition = (condition: Condition): condition is RowCondition =>
  isValueCondition(condition) && !(condition.kind === 'dates' && condition.primary)

/** Selects the ids of the rows, found by the index of their values; an id may come twice. */
export const rowIds = (condition: RowCondition, tenant: number, add: Add): string =>
  branches(condition, tenant, add)
    .map(({ table, parameter, test, hidden }) => {
      const number = add(parameterNumber(parameter), 'int')
      const of = hidden
        ? `s.tenant + 0 = $1::int and s.parameter + 0 = ${number}`
        : `s.tenant = $1::int and s.parameter = ${number}`
      return `select s.id from ${table} s where ${of} and ${test}`
    })
    .join(' union all ') || 'select null::uuid as id where false'

/** A count of the condition's rows, no further than `most`; undefined for what has no rows of its own. */
export const rowCount = (
  condition: ValueCondition,
  tenant: number,
  add: Add,
  most: number,
): string | undefined =>
  condition.kind === 'dates' && condition.primary
    ? undefined
    : `select count(*) as n from (select from (${rowIds(condition, tenant, add)}) x limit ${most}) x`

/** Rows of one resource are few: the index of resources must serve this, so the parameter is hidden from the others. */
const beside = (condition: ValueCondition, tenant: number, add: Add): string => {
  const numbers = (parameters: readonly string[]): string =>
    `s.parameter + 0 = any(${add(parameters.map(parameterNumber), 'int[]')})`
  const of = (table: string, parameters: readonly string[], tests: readonly string[]): string =>
    tests.length === 0
      ? 'false'
      : `(select true from ${table} s where s.tenant = $1::int and s.type = r.type and s.id = r.id and ${numbers(parameters)} and (${tests.map((test) => `(${test})`).join(' or ')}) limit 1)`
  if (condition.kind === 'strings')
    return of(
      'search_string',
      [condition.parameter],
      condition.any.map((test) => stringTest(test, add).replaceAll('s.folded', "(s.folded || '')")),
    )
  if (condition.kind === 'dates')
    return of(
      'search_date',
      [condition.parameter],
      condition.any.map((bounds) => dateTest(bounds, 's.low', 's.high', add)),
    )
  return of(
    'search_quantity',
    condition.parameters,
    condition.any.map((test) => quantityTest(test, tenant, add)),
  )
}

/**
 * A condition as a filter on the resource `r`; the tenant is `$1`. With `lookUp` an index finds the resources, which
 * otherwise must be found by something else.
 */
export const valueFilter = (
  condition: ValueCondition,
  tenant: number,
  add: Add,
  options: { readonly lookUp: boolean },
): string => {
  if (condition.kind === 'dates' && condition.primary) {
    const tests = options.lookUp
      ? condition.any.flatMap((bounds) => dateLookUp(bounds, 'r.date_low', 'r.date_high', add))
      : condition.any.map((bounds) => dateTest(bounds, 'r.date_low', 'r.date_high', add))
    return `r.date_low is not null and (${tests.map((test) => `(${test})`).join(' or ')})`
  }
  return options.lookUp
    ? `r.id = any(array(${rowIds(condition, tenant, add)}))`
    : beside(condition, tenant, add)
}
