/** Seeded random numbers (sfc32) whose forks depend on a label only, so that parts of the hospital do not disturb each other. */

/** 32-bit hash words of a label, starting from four seed words (after cyrb128). */
const mix = (seed: readonly number[], label: string): [number, number, number, number] => {
  let [a, b, c, d] = [seed[0]!, seed[1]!, seed[2]!, seed[3]!]
  for (let i = 0; i < label.length; i++) {
    const k = label.charCodeAt(i)
    a = b ^ Math.imul(a ^ k, 597399067)
    b = c ^ Math.imul(b ^ k, 2869860233)
    c = d ^ Math.imul(c ^ k, 951274213)
    d = a ^ Math.imul(d ^ k, 2716044179)
  }
  a = Math.imul(c ^ (a >>> 18), 597399067)
  b = Math.imul(d ^ (b >>> 22), 2869860233)
  c = Math.imul(a ^ (c >>> 17), 951274213)
  d = Math.imul(b ^ (d >>> 19), 2716044179)
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0]
}

/** A stream of numbers. Two streams with the same seed and the same forks give the same numbers on every machine. */
export class Random {
  readonly #seed: readonly number[]
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: readonly [number, number, number, number]) {
    this.#seed = seed
    ;[this.#a, this.#b, this.#c, this.#d] = seed
    for (let i = 0; i < 8; i++) this.next()
  }

  /** A stream that depends on this one's seed and the label, not on how much was drawn before. */
  fork(label: string): Random {
    return new Random(mix(this.#seed, label))
  }

  /** 0 ≤ x < 1 */
  next(): number {
    return this.bits() / 4294967296
  }

  /** 32 random bits. */
  bits(): number {
    const t = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (this.#c << 21) | (this.#c >>> 11)
    this.#c = (this.#c + t) | 0
    return t >>> 0
  }

  /** A whole number, both ends included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }

  /** A few entries are frequent, most are rare: the n-th is picked about 1/n as often as the first. */
  zipf<T>(list: readonly T[]): T {
    return list[Math.floor((list.length + 1) ** this.next()) - 1]!
  }

  /** One of the rows, as often as its `weight` says. */
  weighted<T extends { readonly weight: number }>(rows: readonly T[]): T {
    let left = this.next() * rows.reduce((sum, row) => sum + row.weight, 0)
    for (const row of rows) {
      left -= row.weight
      if (left < 0) return row
    }
    return rows.at(-1)!
  }

  /** Near enough to a normal deviate, never beyond ±3.5: laboratory values stay in the realm of the living. */
  normal(): number {
    return 1.7320508 * (this.next() + this.next() + this.next() + this.next() - 2)
  }

  /** How many events happen when `mean` are expected. */
  count(mean: number): number {
    let n = 0
    for (let left = mean; left > 0; left -= 1) {
      // A binomial of eight tries for each expected event is close to a Poisson count and needs no logarithm.
      const p = Math.min(1, left) / 8
      for (let i = 0; i < 8; i++) if (this.next() < p) n++
    }
    return n
  }
}

/** The root stream of a seed. */
export const createRandom = (seed: number): Random =>
  new Random(mix([1779033703, 3144134277, 1013904242, 2773480762], `lamplight ${seed}`))
