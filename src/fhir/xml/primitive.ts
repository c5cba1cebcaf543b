/** A primitive's `value` attribute as JSON: http://hl7.org/fhir/R4/json.html#primitive */
import type { Child } from './shape.ts'

const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** Whole numbers may have a plus sign in XML, which JSON does not know. */
const plus = /^\+(?=[1-9][0-9]*$)/

/** JSON text with every digit as it was written; undefined when JSON has nothing for it. */
export const primitiveText = ({ json, type }: Child, value: string): string | undefined => {
  if (json === 'string') return JSON.stringify(value)
  if (json === 'boolean') return value === 'true' || value === 'false' ? value : undefined
  const plain = type === 'decimal' ? value : value.replace(plus, '')
  return number.test(plain) ? plain : undefined
}

/** Completes "must be …". */
export const expectedOf = ({ json, type }: Child): string => {
  if (json === 'boolean') return 'true or false'
  return type === 'decimal' ? 'a number such as 1.50' : 'a whole number'
}
