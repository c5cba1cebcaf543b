/** A resource with other references, of which only what changes is copied: http://hl7.org/fhir/R4/references.html */
import type { JsonObject, JsonValue } from './value.ts'

export type ChangeReference = (reference: string) => string

/** `change` gives back the same text for what stays. What stands in a member of the name `except` is not looked at. */
export const withReferences = (value: JsonValue, change: ChangeReference, except?: string): JsonValue => {
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? inList(value, change, except) : inObject(value, change, except)
}

const inList = (list: JsonValue[], change: ChangeReference, except: string | undefined): JsonValue => {
  let copy: JsonValue[] | undefined
  for (let n = 0; n < list.length; n++) {
    const one = list[n] as JsonValue
    const now = withReferences(one, change, except)
    if (now === one) continue
    copy ??= [...list]
    copy[n] = now
  }
  return copy ?? list
}

const inObject = (value: JsonObject, change: ChangeReference, except: string | undefined): JsonObject => {
  let copy: JsonObject | undefined
  for (const name in value) {
    if (name === except) continue
    const one = value[name] as JsonValue
    const isReference = name === 'reference' && typeof one === 'string'
    const now = isReference ? change(one) : withReferences(one, change, except)
    if (now === one) continue
    copy ??= { ...value }
    copy[name] = now
  }
  return copy ?? value
}
