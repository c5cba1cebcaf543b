/** JSON values, and paths into them: `entry[0].resource.id`, `entry[*].response.status`, `link[relation=next].url`. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type JsonMap = { readonly [name: string]: Json }

export const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type Move =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'where'; readonly name: string; readonly value: string }

const part = /^(?:\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[(\*)\]|\[([A-Za-z_]\w*)=([^\]]*)\])/

/** Throws when the text is not a path. The empty text is the whole value. */
export const parsePath = (text: string): readonly Move[] => {
  const moves: Move[] = []
  let rest = text
  while (rest !== '') {
    const match = part.exec(rest)
    if (!match) throw new Error(`${JSON.stringify(text)} is not a path`)
    const [whole, name, index, all, key, value] = match
    if (name !== undefined) moves.push({ kind: 'member', name })
    else if (index !== undefined) moves.push({ kind: 'item', index: Number(index) })
    else if (all !== undefined) moves.push({ kind: 'all' })
    else moves.push({ kind: 'where', name: key!, value: value! })
    rest = rest.slice(whole.length)
  }
  return moves
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

/** One value; after `[*]` a list of those that are there. Undefined when there is none. */
const follow = (value: Json | undefined, moves: readonly Move[]): Json | undefined => {
  const [move, ...rest] = moves
  if (move === undefined || value === undefined) return value
  if (move.kind === 'member') return isMap(value) ? follow(value[move.name], rest) : undefined
  if (!isList(value)) return undefined
  if (move.kind === 'item') return follow(value[move.index], rest)
  if (move.kind === 'where')
    return follow(
      value.find((item) => isMap(item) && item[move.name] === move.value),
      rest,
    )
  return value.map((item) => follow(item, rest)).filter((item) => item !== undefined)
}

/** The value at the path, undefined when there is none. Throws when the text is not a path. */
export const at = (value: Json | undefined, path: string): Json | undefined => follow(value, parsePath(path))

/** Whether two values are the same; the order of members does not matter. */
export const same = (one: Json | undefined, other: Json | undefined): boolean => {
  if (one === other) return true
  if (one === undefined || other === undefined) return false
  if (isList(one as Json) || isList(other as Json)) {
    if (!isList(one as Json) || !isList(other as Json)) return false
    const [a, b] = [one as readonly Json[], other as readonly Json[]]
    return a.length === b.length && a.every((item, n) => same(item, b[n]))
  }
  if (!isMap(one) || !isMap(other)) return false
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => same(one[name], other[name]))
}
