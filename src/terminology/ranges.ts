/** Sets of numbers as sorted ranges, each from its first to one behind its last. */

export type Ranges = readonly (readonly [from: number, to: number])[]

export const sizeOf = (ranges: Ranges): number => ranges.reduce((sum, [from, to]) => sum + to - from, 0)

/** Ranges of numbers in any order. */
export const rangesOf = (numbers: Iterable<number>): Ranges => {
  const made: [number, number][] = []
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = made.at(-1)
    if (last && number <= last[1]) last[1] = Math.max(last[1], number + 1)
    else made.push([number, number + 1])
  }
  return made
}

export const intersect = (left: Ranges, right: Ranges): Ranges => {
  const made: [number, number][] = []
  for (let [l, r] = [0, 0]; l < left.length && r < right.length; ) {
    const [a, b] = [left[l]!, right[r]!]
    const [from, to] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])]
    if (from < to) made.push([from, to])
    if (a[1] < b[1]) l++
    else r++
  }
  return made
}

/** What is not in them, of 0 up to `end`. */
export const complement = (ranges: Ranges, end: number): Ranges => {
  const made: [number, number][] = []
  let at = 0
  for (const [from, to] of ranges) {
    if (from > at) made.push([at, from])
    at = Math.max(at, to)
  }
  if (at < end) made.push([at, end])
  return made
}

/** Their numbers in order, without the first `offset`, at most `limit`. */
export const slice = (ranges: Ranges, offset: number, limit: number): number[] => {
  const found: number[] = []
  let skip = offset
  for (const [from, to] of ranges) {
    const size = to - from
    if (skip >= size) {
      skip -= size
      continue
    }
    for (let number = from + skip; number < to; number++) {
      if (found.length === limit) return found
      found.push(number)
    }
    skip = 0
  }
  return found
}

/** The text of a multirange of PostgreSQL. */
export const rangesText = (ranges: Ranges): string =>
  `{${ranges.map(([from, to]) => `[${from},${to})`).join(',')}}`

/** As PostgreSQL writes them, which may be tens of thousands. */
export const readRanges = (text: string): Ranges =>
  text.length < 3
    ? []
    : text
        .slice(2, -2)
        .split('),[')
        .map((range) => {
          const comma = range.indexOf(',')
          return [Number(range.slice(0, comma)), Number(range.slice(comma + 1))] as const
        })
