/** A code system of any size with several parents for many concepts, for tests and benchmarks. */
import type { ConceptRow, Loading } from '../../src/terminology/index.ts'

const syllables = ['ka', 'ro', 'mi', 'ten', 'dul', 'sor', 'vex', 'lan', 'pri', 'gom', 'ush', 'bel']
const word = (n: number): string =>
  [n, n / 12, n / 144].map((one) => syllables[Math.floor(one) % syllables.length]).join('')

/** The same numbers every time. */
const mixed = (n: number): number => (Math.imul(n ^ (n >>> 15), 0x2c1b3c6d) >>> 0) % 1_000_003

export const url = 'http://example.org/polyhierarchy'

/** Code `c0` is the root; every third concept has a second parent, every ninth a third. */
export const polyhierarchy = (count: number): Loading => ({
  url,
  version: '1',
  name: 'Polyhierarchy',
  properties: [{ code: 'kind', type: 'string' }],
  rows: async function* () {
    for (let n = 0; n < count; n++) yield row(n)
  },
})

const row = (n: number): ConceptRow => {
  const parents = n === 0 ? [] : [Math.floor((n - 1) / 8)]
  if (n % 3 === 0 && n > 30) parents.push(mixed(n) % Math.floor(n / 4))
  if (n % 9 === 0 && n > 30) parents.push(mixed(n + 7) % Math.floor(n / 4))
  return {
    code: `c${n}`,
    display: `${word(mixed(n) % 1728)} ${word(mixed(n + 1) % 1728)} disorder ${n}`,
    properties: [{ code: 'kind', kind: 'string', text: `k${n % 50}` }],
    parents: [...new Set(parents)].map((parent) => `c${parent}`),
  }
}
