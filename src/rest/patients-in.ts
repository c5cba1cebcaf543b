/** The patients that a text is about: those that it is, and those that it refers to. */

const idAt = /Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^"/]*)?"/y

/** A part of a string keeps all of it in memory: what is kept longer than the text must stand alone. */
const apart = (part: string): string => ` ${part}`.slice(1)

/**
 * References (`Patient/1`) in a resource's or Bundle's text, found without parsing it: relative ones, and absolute ones
 * below `base`, which the entries of a Bundle have as their URLs.
 */
export const patientsIn = (pieces: readonly string[], base: string, found: Set<string>): void => {
  for (const text of pieces) {
    for (let at = text.indexOf('Patient/'); at >= 0; at = text.indexOf('Patient/', at + 8)) {
      const before = text[at - 1]
      if (before !== '"' && !(before === '/' && text.startsWith(base, at - 1 - base.length))) continue
      idAt.lastIndex = at
      const id = idAt.exec(text)?.[1]
      if (id !== undefined) found.add(apart(`Patient/${id}`))
    }
  }
}
