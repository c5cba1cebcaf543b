/** A prepared statement and the values that it collects: whatever a caller sent travels as one of them. */
import { hash } from 'node:crypto'

/** A prepared statement: `name` is a hash of `text`, so equal names mean equal texts. It sees rows of `tenant` only. */
export type Statement = {
  readonly name: string
  readonly tenant: number
  readonly text: string
  readonly values: readonly unknown[]
}

const names = new Map<string, string>()

/** A statement under the name of its text; the first value is the tenant. */
export const statement = (text: string, values: readonly unknown[]): Statement => {
  let name = names.get(text)
  if (name === undefined) {
    name = `search-${hash('sha256', text).slice(0, 32)}`
    if (names.size >= 1000) names.clear()
    names.set(text, name)
  }
  const [tenant] = values
  if (typeof tenant !== 'number') throw new Error('the first value of a search is its tenant')
  return { name, tenant, text, values }
}

/**
 * Collects values; `$1` is the tenant and `$2` the type. What is defined stands in front of the statement and is run
 * once, or never when nobody asks for it.
 */
export type Values = {
  readonly list: unknown[]
  add(value: unknown, type: string): string
  define(key: object, make: () => string): string
  /** The statement with what was defined. */
  with(text: string): string
}

/** `types` is the number of the type, or an array of them. */
export const collect = (tenant: number, types: unknown): Values => collectInto([tenant, types])

/** The same behind values that a statement has already, the tenant first. */
export const collectInto = (list: unknown[]): Values => {
  const names = new Map<object, string>()
  const definitions: string[] = []
  return {
    list,
    add: (value, type) => `$${list.push(value)}::${type}`,
    define: (key, make) => {
      const known = names.get(key)
      if (known !== undefined) return known
      const text = make()
      const name = `d${definitions.length}`
      definitions.push(`${name} as materialized (${text})`)
      names.set(key, name)
      return name
    },
    with: (text) => (definitions.length === 0 ? text : `with ${definitions.join(', ')} ${text}`),
  }
}
