/** Parts of content: RFC 9110, section 14. One range at a time; several at once get the whole, as the section allows. */

/** First and last byte, both included. */
export type ByteRange = { readonly first: number; readonly last: number }

const single = /^bytes=\s*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))\s*$/i

/**
 * The range asked for within `length` bytes; undefined when the header is absent, malformed or asks for several, all of
 * which mean the whole; `unsatisfiable` when it begins behind the end.
 */
export const parseRange = (
  header: string | undefined,
  length: number,
): ByteRange | 'unsatisfiable' | undefined => {
  const match = header === undefined ? null : single.exec(header)
  if (!match) return undefined
  const [, from, to, suffix] = match
  if (suffix !== undefined) {
    const size = Math.min(Number(suffix), length)
    return size === 0 ? 'unsatisfiable' : { first: length - size, last: length - 1 }
  }
  const first = Number(from)
  const last = to ? Number(to) : length - 1
  if (to && last < first) return undefined
  return first >= length ? 'unsatisfiable' : { first, last: Math.min(last, length - 1) }
}
