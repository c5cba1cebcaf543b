/** What the server has acknowledged, and what it may or may not have done. */

/** `marker` is in the content; null stands for a deletion. */
export type Version = { readonly path: string; readonly version: number; readonly marker: string | null }

/** Writes without an answer that belong together: all of them happened, or none. */
export type Attempt = readonly Omit<Version, 'version'>[]

export type Ledger = {
  /** The server said yes to this version. */
  acknowledge(...versions: readonly Version[]): void
  /** No answer came; the paths are not to be written again. */
  doubt(attempt: Attempt): void
  /** Every acknowledged version since the last call. */
  takeNew(): readonly Version[]
  readonly acknowledged: readonly Version[]
  readonly doubts: readonly Attempt[]
  /** The last acknowledged version of a path. */
  last(path: string): Version | undefined
}

export const createLedger = (): Ledger => {
  const acknowledged: Version[] = []
  const doubts: Attempt[] = []
  const current = new Map<string, Version>()
  let taken = 0
  return {
    acknowledged,
    doubts,
    last: (path) => current.get(path),
    doubt: (attempt) => {
      doubts.push(attempt)
    },
    acknowledge: (...versions) => {
      for (const v of versions) {
        acknowledged.push(v)
        current.set(v.path, v)
      }
    },
    takeNew: () => {
      const fresh = acknowledged.slice(taken)
      taken = acknowledged.length
      return fresh
    },
  }
}
