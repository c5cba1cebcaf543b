/** Which statements are worth preparing: a connection keeps every prepared text and its plan in memory for its life. */

/** How many names that came up only once are remembered. */
const glimpses = 2000

/**
 * Gives the name back for a shape that has come up before, as long as no more than `most` have names; undefined for
 * others, which are then planned anew each time. Clients choose the shapes of searches, so there is no end of them.
 */
export const createPreparedNames = (most: number): ((name: string) => string | undefined) => {
  const named = new Set<string>()
  let seen = new Set<string>()
  return (name) => {
    if (named.has(name)) return name
    if (!seen.has(name)) {
      if (seen.size >= glimpses) seen = new Set()
      seen.add(name)
      return undefined
    }
    if (named.size >= most) return undefined
    named.add(name)
    return name
  }
}
