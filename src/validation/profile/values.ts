/** Fixed values and patterns: http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_ */
import type { ElementDefinition } from 'fhir/r4.js'
import type { JsonValue } from '../../fhir/json/value.ts'

/** The member of a choice such as `fixed[x]` or `minValue[x]`, and the type that its name tells. */
export const choiceOf = (
  def: ElementDefinition,
  stem: string,
): { readonly type: string; readonly value: JsonValue } | undefined => {
  for (const name in def) {
    if (!name.startsWith(stem) || name.length === stem.length) continue
    const first = name.charCodeAt(stem.length)
    if (first < 65 || first > 90) continue
    const type = name.slice(stem.length)
    return { type, value: (def as unknown as Record<string, JsonValue>)[name] as JsonValue }
  }
  return undefined
}

/** Equal in every member, in any order. */
export const isSame = (value: unknown, expected: unknown): boolean => {
  if (value === expected) return true
  if (Array.isArray(expected))
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((item, index) => isSame(value[index], item))
    )
  if (!isPlain(expected) || !isPlain(value)) return false
  const names = Object.keys(expected)
  return (
    names.length === Object.keys(value).length && names.every((name) => isSame(value[name], expected[name]))
  )
}

/** Has at least what the pattern has; of an array, each item of the pattern somewhere. */
export const fits = (value: unknown, pattern: unknown): boolean => {
  if (value === pattern) return true
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((item) => value.some((candidate) => fits(candidate, item)))
  if (!isPlain(pattern) || !isPlain(value)) return false
  return Object.keys(pattern).every((name) => fits(value[name], pattern[name]))
}

export const isPlain = (value: unknown): value is Record<string, JsonValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a definition demands, short enough for a sentence. */
export const shown = (expected: JsonValue): string => {
  const text = JSON.stringify(expected)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
