/** Hashes of tokens, given as decimal text. */
import type { Hashes } from '../../src/search/index.ts'

export const hashes = (...decimals: readonly string[]): Hashes => {
  const all = new DataView(new ArrayBuffer(8))
  return Int32Array.from(
    decimals.flatMap((decimal) => {
      all.setBigInt64(0, BigInt(decimal))
      return [all.getInt32(0), all.getInt32(4)]
    }),
  )
}
