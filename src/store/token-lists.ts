/** The tokens of many resources in one parameter: one array, of which each resource has a part. */
import type { Hashes } from '../search/index.ts'
import { int4Array } from './binary-arrays.ts'

/** SQL of the part of parameter `at` that a row with the columns `token` and `last_token` has. */
export const tokensBetween = (at: number): string => `($${at}::bigint[])[token:last_token]`

/** Where the tokens of each begin and end among those of all, from 1. */
export const boundsOf = (tokens: readonly Hashes[]): readonly [first: Buffer, last: Buffer] => {
  const first: number[] = []
  const last: number[] = []
  let before = 0
  for (const { length } of tokens) {
    first.push(before + 1)
    before += length / 2
    last.push(before)
  }
  return [int4Array(first), int4Array(last)]
}
