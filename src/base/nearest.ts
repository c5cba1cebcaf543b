/** The known word that a misspelt one most likely stands for, for "did you mean …?" in messages to people. */

/**
 * The word of `known` with the fewest edits to `word` (case apart), or undefined when none is near enough to be a
 * misspelling: at most a third of the letters differ.
 */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const wanted = word.slice(0, 100).toLowerCase()
  let best: string | undefined
  let fewest = Math.floor(Math.max(wanted.length, 3) / 3) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - wanted.length) >= fewest) continue
    const edits = distance(wanted, candidate.toLowerCase())
    if (edits >= fewest) continue
    best = candidate
    fewest = edits
  }
  return best
}

/** Levenshtein's distance, two rows at a time. */
const distance = (a: string, b: string): number => {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    for (let column = 1; column <= b.length; column++) {
      const swap = above[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      line.push(Math.min(swap, above[column]! + 1, line[column - 1]! + 1))
    }
    above = line
  }
  return above[b.length]!
}
