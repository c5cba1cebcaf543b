/** The order of business versions: http://hl7.org/fhir/R4/references.html#canonical */

/**
 * Negative when `a` is older than `b`. Part by part: numbers by value (dates such as 20240502 as well), other parts by
 * letters; a pre-release (`-ballot`) is older than its release, and no version is the oldest.
 */
export const compareVersions = (a: string | undefined, b: string | undefined): number => {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const [left, right] = [split(a), split(b)]
  return compareParts(left.release, right.release) || comparePreRelease(left.pre, right.pre)
}

/** Whether a version is what a partial one names: `4.0` names 4.0 and 4.0.1, not 4.01. */
export const isWithin = (version: string, partial: string): boolean =>
  version === partial || version.startsWith(`${partial}.`) || version.startsWith(`${partial}-`)

/** A date such as 2018-08-12 is not a release with a pre-release. */
const split = (version: string): { release: string; pre?: string } => {
  const plain = version.replace(/\+.*$/, '')
  const found = /^(\d+(?:\.\d+)+)-(.+)$/.exec(plain)
  return found ? { release: found[1]!, pre: found[2]! } : { release: plain }
}

const comparePreRelease = (a: string | undefined, b: string | undefined): number => {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
  return compareParts(a, b)
}

const compareParts = (a: string, b: string): number => {
  const [left, right] = [a.split(/[.-]/), b.split(/[.-]/)]
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = comparePart(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}

const comparePart = (a: string, b: string): number => {
  if (a === b) return 0
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Number(a) - Number(b)
  return a < b ? -1 : 1
}
