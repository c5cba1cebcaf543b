/** What several lists have in common. */

/** The texts that every list has, in the order of the first. */
export const sharedBy = (lists: readonly Iterable<string>[]): readonly string[] => {
  const [first = [], ...others] = lists
  const known = others.map((one) => new Set(one))
  return [...first].filter((text) => known.every((one) => one.has(text)))
}
