/** What is made of names that come again and again, made once: the same strings each time, whose hashes are known. */

/** Values that one function remembers; then it forgets all of them. */
const most = 20_000
/** Characters of the names of one; longer ones come once. */
const longest = 300

/**
 * `make` depends on nothing but its texts: what it makes serves all tenants. The last text is the one that varies most;
 * the first ones may be empty.
 */
export const remembering = <Value>(
  make: (first: string, second: string, third: string) => Value,
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
