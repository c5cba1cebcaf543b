/** Who a patient is: drawn before anything that happens to them. */
import type { Address, ContactPoint } from 'fhir/r4.js'
import { drawAddress, drawPhone } from './addresses.ts'
import { type Bed, currentBed, type Hospital } from './hospital.ts'
import { drawName, type Name, type Sex } from './names.ts'
import { createRandom, type Random } from './random.ts'
import { ageAt, day, type Time, year } from './time.ts'

export type Person = {
  readonly index: number
  readonly sex: Sex
  readonly birth: Time
  /** Whole years at death, or now. */
  readonly age: number
  readonly died?: Time
  readonly name: Name
  readonly address: Address
  readonly telecom: readonly ContactPoint[]
  /** How ill the person is compared with others of the same age: 1 for most, above 5 for a few. */
  readonly burden: number
  readonly smoker: 'never' | 'former' | 'current'
  /** The bed in which the person lies now. */
  readonly bed?: Bed
}

/** More children and old people than in the street, as in every hospital. */
const bands = [
  { weight: 12, from: 0, to: 5 },
  { weight: 12, from: 6, to: 17 },
  { weight: 24, from: 18, to: 39 },
  { weight: 24, from: 40, to: 59 },
  { weight: 20, from: 60, to: 74 },
  { weight: 11, from: 75, to: 88 },
  { weight: 2, from: 89, to: 99 },
]

const deathRate = (age: number): number => {
  if (age >= 80) return 0.22
  if (age >= 65) return 0.09
  return age >= 45 ? 0.025 : 0.004
}

export const drawPerson = (hospital: Hospital, index: number, random: Random): Person => {
  const bed = currentBed(hospital, index)
  const sex = bed?.ward.sex ?? (random.chance(0.53) ? 'female' : 'male')
  const band = random.weighted(bands)
  const years = bed === undefined ? random.int(band.from, band.to) : random.int(...bed.ward.ages)
  const birth = hospital.now - years * year - random.int(10, 360) * day
  const died = bed === undefined ? drawDeath(hospital.now, birth, years, random) : undefined
  return {
    index,
    sex,
    birth,
    age: ageAt(birth, died ?? hospital.now),
    ...(died === undefined ? {} : { died }),
    name: drawName(random, sex),
    address: drawAddress(random),
    telecom: drawTelecom(index, years, random),
    burden: drawBurden(random),
    smoker: years < 16 || random.chance(0.6) ? 'never' : random.pick(['former', 'former', 'current']),
    ...(bed === undefined ? {} : { bed }),
  }
}

const drawDeath = (now: Time, birth: Time, age: number, random: Random): Time | undefined => {
  if (!random.chance(deathRate(age))) return undefined
  const at = now - random.between(0.02, 4) * year
  return Math.floor(Math.max(at, birth + 20 * day) / 60_000) * 60_000
}

/** A long tail: the median is 1, one in a hundred is above 7. */
const drawBurden = (random: Random): number => Math.min(12, 0.7 / Math.sqrt(1.0001 - random.next()))

const drawTelecom = (index: number, age: number, random: Random): ContactPoint[] => {
  const phones = [drawPhone(random, random.chance(0.7) ? 'mobile' : 'home')]
  if (age < 16 || random.chance(0.35)) return phones
  return [...phones, { system: 'email', value: `patient${index}@mail.example.org`, use: 'home' }]
}

/** The stream from which everything about this patient is drawn. */
export const patientRandom = (seed: number, index: number): Random =>
  createRandom(seed).fork(`patient ${index}`)
