/** Streets and telephones of an invented valley: http://hl7.org/fhir/R4/datatypes.html#Address */
import type { Address, ContactPoint } from 'fhir/r4.js'
import type { Random } from './random.ts'

const towns = [
  ['Lamplight', '05940'],
  ['Harrow Falls', '05941'],
  ['Millbrook', '05943'],
  ['Saint Orla', '05944'],
  ['Quarry Hill', '05946'],
  ['Upper Fenwick', '05947'],
  ['Lower Fenwick', '05948'],
  ['Ashgrove', '05951'],
  ['Pinehollow', '05952'],
  ['Old Ferry', '05957'],
] as const
const streets =
  'Main Church Mill River Maple Oak Elm Lantern Harbor Station School Meadow Orchard Foundry Bridge Chestnut Birch Spring Quarry Lake Park Cedar Hill Wharf Garden'.split(
    ' ',
  )
const kinds = ['Street', 'Street', 'Street', 'Road', 'Avenue', 'Lane', 'Court']

export const drawAddress = (random: Random): Address => {
  const [city, postalCode] = random.zipf(towns)
  const street = `${random.int(1, 240)} ${random.pick(streets)} ${random.pick(kinds)}`
  const line = random.chance(0.25) ? [street, `Apt ${random.int(1, 40)}`] : [street]
  return { use: 'home', type: 'both', line, city, state: 'VT', postalCode, country: 'US' }
}

/** Numbers from 555-0100 to 555-0199, which are kept for fiction. */
export const drawPhone = (random: Random, use: 'home' | 'mobile' | 'work'): ContactPoint => ({
  system: 'phone',
  value: `+1-802-555-${String(random.int(100, 199)).padStart(4, '0')}`,
  use,
})
