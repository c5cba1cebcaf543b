/** What is made of names that come again and again, made once: the same strings each time, whose hashes are known. */
import { rememberedOfThree } from '../base/remembered.ts'

/** `make` depends on nothing but its texts: what it makes serves all tenants. */
export const remembering = <Value>(
  make: (first: string, second: string, third: string) => Value,
): ((first: string, second: string, third: string) => Value) =>
  rememberedOfThree(make, { most: 20_000, longest: 300 })
