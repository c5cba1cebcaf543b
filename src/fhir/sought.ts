/** Elements that are looked for in the text of a resource, and where they were found. */

/** `at`: offset where its text begins, -1 until it is found. `below`: by name, and by index of an element that repeats. */
export type Sought = { at: number; readonly below: Map<string, Sought> }

/** All paths as one tree, and for each path its nodes from the root on: several may ask for the same. */
export const soughtIn = (
  paths: readonly (readonly string[])[],
): { readonly root: Sought; readonly chains: readonly (readonly Sought[])[] } => {
  const root: Sought = { at: -1, below: new Map() }
  const chains = paths.map((path) => {
    const chain = [root]
    for (const name of path) {
      const { below } = chain[chain.length - 1] as Sought
      const known = below.get(name) ?? { at: -1, below: new Map() }
      below.set(name, known)
      chain.push(known)
    }
    return chain
  })
  return { root, chains }
}

/** What stands under the name: `_name` holds the extensions of `name`, `valueQuantity` is what FHIRPath calls `value`. */
export const soughtAs = ({ below }: Sought, name: string): Sought | undefined => {
  if (below.size === 0) return undefined
  const plain = name.startsWith('_') ? name.slice(1) : name
  const exact = below.get(plain)
  if (exact) return exact
  for (const [stem, sought] of below)
    if (plain.startsWith(stem) && /^[A-Z]/.test(plain.slice(stem.length))) return sought
  return undefined
}
