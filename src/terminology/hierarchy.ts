/** Numbers for the concepts of a hierarchy with several parents, so that what is below each is few ranges. */
import type { Ranges } from './ranges.ts'

export type Hierarchy = {
  /** Places in the given order, by number. */
  readonly order: Int32Array
  /** Numbers, by place. */
  readonly numbers: Int32Array
  /** What is below each number, itself included; undefined for those that nothing is below. */
  readonly below: readonly (Ranges | undefined)[]
  /** Places on a circle, which belong to no hierarchy and were cut out of it. */
  readonly circular: number
}

/** `count` concepts by place; links are pairs of places, flat: child, parent, child, parent, … */
export const numberHierarchy = (count: number, links: Int32Array): Hierarchy => {
  const children = grouped(count, links, 1)
  const parentCount = new Int32Array(count)
  for (let at = 0; at < links.length; at += 2) parentCount[links[at]!]!++
  const { order, finished, circular } = preorder(count, children, parentCount)
  const numbers = new Int32Array(count)
  for (let number = 0; number < count; number++) numbers[order[number]!] = number
  const below: (Ranges | undefined)[] = new Array(count)
  // What is below is finished before what is above.
  const rank = new Int32Array(count)
  for (let at = 0; at < count; at++) rank[finished[at]!] = at
  for (const place of finished) {
    const own = children.of(place)
    if (own.length === 0) continue
    const all: (readonly [number, number])[] = [[numbers[place]!, numbers[place]! + 1]]
    for (const child of own) {
      if (rank[child]! >= rank[place]!) continue
      const inner = below[numbers[child]!]
      if (inner) for (const range of inner) all.push(range)
      else all.push([numbers[child]!, numbers[child]! + 1])
    }
    below[numbers[place]!] = merge(all)
  }
  return { order, numbers, below, circular }
}

const merge = (all: (readonly [number, number])[]): Ranges => {
  all.sort((a, b) => a[0] - b[0])
  const made: [number, number][] = []
  for (const [from, to] of all) {
    const last = made.at(-1)
    if (last && from <= last[1]) {
      if (to > last[1]) last[1] = to
    } else made.push([from, to])
  }
  return made
}

type Grouped = { of(place: number): Int32Array }

/** The other ends of the links by one end: `key` 1 groups children by parent, 0 parents by child. */
export const grouped = (count: number, links: Int32Array, key: 0 | 1): Grouped => {
  const starts = new Int32Array(count + 1)
  for (let at = 0; at < links.length; at += 2) starts[links[at + key]! + 1]!++
  for (let place = 0; place < count; place++) starts[place + 1]! += starts[place]!
  const filled = starts.slice()
  const others = new Int32Array(links.length / 2)
  for (let at = 0; at < links.length; at += 2) others[filled[links[at + key]!]!++] = links[at + 1 - key]!
  return { of: (place) => others.subarray(starts[place]!, starts[place + 1]!) }
}

/** Each concept once, below the first parent that is met; without recursion, hierarchies may be deep. */
const preorder = (count: number, children: Grouped, parentCount: Int32Array) => {
  const order = new Int32Array(count)
  const finished = new Int32Array(count)
  const met = new Uint8Array(count)
  const next = new Int32Array(count)
  const stack: number[] = []
  let [ordered, done, circular] = [0, 0, 0]
  const enter = (place: number): void => {
    met[place] = 1
    order[ordered++] = place
    stack.push(place)
  }
  const run = (): void => {
    while (stack.length > 0) {
      const place = stack.at(-1)!
      const own = children.of(place)
      let entered = false
      while (next[place]! < own.length && !entered) {
        const child = own[next[place]!++]!
        if (!met[child]) {
          enter(child)
          entered = true
        }
      }
      if (!entered) {
        stack.pop()
        finished[done++] = place
      }
    }
  }
  for (let place = 0; place < count; place++)
    if (parentCount[place] === 0) {
      enter(place)
      run()
    }
  for (let place = 0; place < count; place++)
    if (!met[place]) {
      circular++
      enter(place)
      run()
    }
  return { order, finished, circular }
}
