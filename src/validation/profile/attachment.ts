/** The size and the hash of an attachment are those of its data: http://hl7.org/fhir/R4/datatypes.html#attachment */
import { hash } from 'node:crypto'
import type { Check } from './kinds.ts'
import { isPlain } from './values.ts'

export const attachmentRule: Check = (value, _sibling, place, run) => {
  if (!isPlain(value) || typeof value.data !== 'string') return
  const { size } = value
  if (size === undefined && value.hash === undefined) return
  const data = Buffer.from(value.data, 'base64')
  if (typeof size === 'number' && size !== data.length)
    run.error('value', 'attachment-size', place, `says size ${size}, and its data are ${data.length} bytes.`)
  if (typeof value.hash === 'string' && value.hash.replace(/\s/g, '') !== hash('sha1', data, 'base64'))
    run.error('value', 'attachment-hash', place, 'has a hash that is not the SHA-1 of its data in base64.')
}
