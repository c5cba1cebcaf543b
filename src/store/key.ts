/** Keys of rows: tenant, type number and the UUID that stands for the id. */
import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'

/** A resource by type and logical id. */
export type ResourceKey = { readonly type: string; readonly id: string }

/** The stable number of a resource type; callers have checked the name. */
export const numberOf = (type: string): number => {
  const number = typeNumber(type)
  if (number === undefined) throw new Error(`${type} is not a resource type`)
  return number
}

/** What the column `fhir_id` holds: the id where it is not its own key. */
export const fhirId = (id: string): string | null => (idKey(id) === id ? null : id)

/** An array literal of values that need no escape: numbers, UUIDs, timestamps. */
export const arrayOf = (values: readonly (string | number)[]): string => `{${values.join(',')}}`

/** `Patient/123`, for maps and messages. */
export const keyText = (key: ResourceKey): string => `${key.type}/${key.id}`
