/** Variables in cases: `{{patient.id}}` anywhere in a string becomes what an earlier step captured. */
import { isMap, type Json } from './json.ts'

export type Variables = ReadonlyMap<string, Json>

const hole = /\{\{([\w.-]+)\}\}/g

const fillText = (text: string, variables: Variables): Json => {
  const whole = /^\{\{([\w.-]+)\}\}$/.exec(text)
  const value = (name: string): Json => {
    const found = variables.get(name)
    if (found === undefined) throw new Error(`nothing was captured as {{${name}}}`)
    return found
  }
  if (whole) return value(whole[1]!)
  return text.replace(hole, (_all, name: string) => {
    const found = value(name)
    return typeof found === 'string' ? found : JSON.stringify(found)
  })
}

/** The value with every variable filled in. Throws for a variable that nobody captured. */
export const fill = <T extends Json>(value: T, variables: Variables): T => {
  if (typeof value === 'string') return fillText(value, variables) as T
  if (Array.isArray(value)) return value.map((item: Json) => fill(item, variables)) as Json as T
  if (!isMap(value)) return value
  const filled = Object.entries(value).map(([name, inner]) => [
    String(fill(name, variables)),
    fill(inner, variables),
  ])
  return Object.fromEntries(filled) as T
}
