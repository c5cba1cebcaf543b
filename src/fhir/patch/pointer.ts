/** JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901). */

/** The steps, decoded; none for the whole document. */
export type Pointer = readonly string[]

/** Whether the text is a pointer: empty, or steps that begin with `/`, with `~` only in `~0` and `~1`. */
export const isPointer = (text: string): boolean => /^(?:\/(?:[^/~]|~[01])*)*$/.test(text)

export const readPointer = (text: string): Pointer =>
  text
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Whether `inner` is `outer` or leads further into it. */
export const isWithin = (inner: Pointer, outer: Pointer): boolean =>
  outer.every((step, at) => inner[at] === step)
