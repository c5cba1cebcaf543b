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
