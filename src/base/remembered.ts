/** What was made of a text before is not made again: texts come back, so the answers to the latest ones are kept. */

/** How many answers, and of how many characters the texts may be that are remembered. */
export type Bounds = { readonly most: number; readonly longest: number }

/**
 * `make` depends on nothing but its text. Full, all is forgotten and it begins anew: what strangers send does not fill the
 * memory.
 */
export const remembered = <Value>(
  make: (text: string) => Value,
  { most, longest }: Bounds,
): ((text: string) => Value) => {
  const seen = new Map<string, Value>()
  return (text) => {
    const known = seen.get(text)
    if (known !== undefined) return known
    const made = make(text)
    if (text.length > longest) return made
    if (seen.size >= most) seen.clear()
    seen.set(text, made)
    return made
  }
}

/**
 * The same of three texts, of which the last is the one that varies most; the first ones may be empty. Names that are
 * longer together than `longest` are not remembered.
 */
export const rememberedOfThree = <Value>(
  make: (first: string, second: string, third: string) => Value,
  { most, longest }: Bounds,
): ((first: string, second: string, third: string) => Value) => {
  const all = new Map<string, Map<string, Map<string, Value>>>()
  let size = 0
  const inner = <Inner>(of: Map<string, Map<string, Inner>>, name: string): Map<string, Inner> => {
    const known = of.get(name)
    if (known) return known
    const made = new Map<string, Inner>()
    of.set(name, made)
    size++
    return made
  }
  return (first, second, third) => {
    const known = all.get(first)?.get(second)?.get(third)
    if (known !== undefined) return known
    const made = make(first, second, third)
    if (first.length + second.length + third.length > longest) return made
    if (size >= most) {
      all.clear()
      size = 0
    }
    inner(inner(all, first), second).set(third, made)
    size++
    return made
  }
}
