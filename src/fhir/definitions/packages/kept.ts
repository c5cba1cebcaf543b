/** Keeps what was made last, within bounds, and gives out the same object as long as anybody holds it. */

/** Bytes of JSON whose objects are kept though nobody may need them; the objects take some five times as much. */
const bound = 8 * 1024 ** 2

/** `make` is called when nobody has the object any more; `length` is in bytes of JSON. */
export const createKept = <Key extends object>(
  make: (key: Key) => { readonly json: unknown; readonly length: number },
): ((key: Key) => object) => {
  const held = new WeakMap<Key, WeakRef<object>>()
  /** In order of use, the last used last. */
  const recent = new Map<Key, { readonly json: object; readonly length: number }>()
  let size = 0
  const touch = (key: Key, one: { readonly json: object; readonly length: number }): void => {
    if (!recent.delete(key)) size += one.length
    recent.set(key, one)
    for (const [oldest, { length }] of recent) {
      if (size <= bound || recent.size === 1) return
      recent.delete(oldest)
      size -= length
    }
  }
  const lengths = new WeakMap<Key, number>()
  return (key) => {
    const known = held.get(key)?.deref()
    if (known) {
      touch(key, { json: known, length: lengths.get(key)! })
      return known
    }
    const { json, length } = make(key)
    held.set(key, new WeakRef(json as object))
    lengths.set(key, length)
    touch(key, { json: json as object, length })
    return json as object
  }
}
