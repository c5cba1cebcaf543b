/** Whether a JSON value is a value of a primitive type, in time linear in its length: http://hl7.org/fhir/R4/datatypes.html#primitive */
import { isDate, isDateTime, isInstant, isTime } from './dates.ts'

/** `expected` completes the sentence "must be …". */
export type Primitive = {
  readonly json: 'string' | 'number' | 'boolean'
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

/** Characters, as http://hl7.org/fhir/R4/datatypes.html#string limits them. */
const longestString = 1024 * 1024

const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f]/
const isText = (value: string): boolean =>
  value.length > 0 && value.length <= longestString && !controls.test(value)

const codeForm = /^[^\x00-\x20]+(?:[ \t\r\n][^\x00-\x20]+)*$/
const idForm = /^[A-Za-z0-9\-.]{1,64}$/
const uriForm = /^[^\x00-\x20]+$/
const oidForm = /^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$/
const uuidForm = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const divForm = /^[ \t\r\n]*<div[ \t\r\n>/]/

const foreignToBase64 = /[^A-Za-z0-9+/]/
const spaces = /[ \t\r\n]+/g

/** Four characters a group, `=` only at the end; whitespace may stand between. No backtracking: texts are megabytes. */
const isBase64 = (value: string): boolean => {
  const end = value.search(foreignToBase64)
  if (end < 0) return value.length > 0 && value.length % 4 === 0
  if (value.charCodeAt(end) !== 61) return hasSpaces(value) && isBase64(value.replace(spaces, ''))
  const rest = value.slice(end)
  if (rest === '=' || rest === '==') return value.length % 4 === 0
  return hasSpaces(rest) && isBase64(value.replace(spaces, ''))
}

const hasSpaces = (value: string): boolean => /[ \t\r\n]/.test(value)

const highest = 2_147_483_647

const text = (expected: string, accepts: (value: string) => boolean): Primitive => ({
  json: 'string',
  expected,
  accepts: (value) => typeof value === 'string' && accepts(value),
})

const whole = (expected: string, least: number): Primitive => ({
  json: 'number',
  expected,
  accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= highest,
})

const uri = text('a URI without spaces', (value) => uriForm.test(value))
const string = text('text of 1 to 1048576 characters without control characters', isText)

/** By name of the primitive type; every primitive type of R4 is here. */
export const primitives: Readonly<Record<string, Primitive>> = {
  base64Binary: text('base64, complete with padding', isBase64),
  boolean: { json: 'boolean', expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  canonical: uri,
  code: text('a code: no space at its ends, single spaces inside', (value) => codeForm.test(value)),
  date: text('a date that exists, as YYYY, YYYY-MM or YYYY-MM-DD', isDate),
  dateTime: text('a date that exists, or YYYY-MM-DDThh:mm:ss with a zone such as Z or +01:00', isDateTime),
  decimal: { json: 'number', expected: 'a number within range', accepts: Number.isFinite },
  id: text('an id: 1 to 64 letters A-Z and a-z, digits, hyphens and dots', (value) => idForm.test(value)),
  instant: text('YYYY-MM-DDThh:mm:ss on a day that exists, with a zone such as Z or +01:00', isInstant),
  integer: whole('a whole number from -2147483648 to 2147483647', -highest - 1),
  markdown: string,
  oid: text('an OID such as urn:oid:1.2.3', (value) => oidForm.test(value)),
  positiveInt: whole('a whole number from 1 to 2147483647', 1),
  string,
  time: text('a time as hh:mm:ss', isTime),
  unsignedInt: whole('a whole number from 0 to 2147483647', 0),
  uri,
  url: uri,
  uuid: text('a UUID in lower case such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520', (value) =>
    uuidForm.test(value),
  ),
  xhtml: text('XHTML that starts with <div', (value) => divForm.test(value)),
}
