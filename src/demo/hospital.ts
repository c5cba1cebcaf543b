/** The plan of the hospital: its people, beds and insurers, which the patients' records refer to. */
import type { Reference } from 'fhir/r4.js'
import { drawName, type Name, type Sex } from './names.ts'
import { createRandom } from './random.ts'
import {
  bedsPerWard,
  type Specialty,
  type SpecialtyKey,
  specialties,
  type Ward,
  wards,
} from './specialties.ts'
import { day, minute, type Time, workingDay } from './time.ts'

export type Practitioner = {
  readonly id: string
  readonly number: number
  readonly name: Name
  readonly sex: Sex
  readonly profession: 'physician' | 'nurse'
  readonly specialty: Specialty
  /** With display. */
  readonly reference: Reference
}

export type Insurer = {
  readonly key: string
  readonly name: string
  readonly plan: string
  readonly weight: number
}

export const insurers: readonly Insurer[] = [
  { key: 'evergreen', name: 'Evergreen Mutual', plan: 'Evergreen Family Plan', weight: 34 },
  { key: 'harbor', name: 'Harbor Health Insurance', plan: 'Harbor Select', weight: 28 },
  { key: 'granite', name: 'Granite State Casualty', plan: 'Granite Worker Plan', weight: 14 },
  { key: 'public', name: 'Public Health Programme', plan: 'Public Basic Cover', weight: 24 },
]

export type Hospital = {
  readonly seed: number
  readonly now: Time
  readonly name: string
  readonly practitioners: readonly Practitioner[]
  /** Physicians of a specialty. */
  doctors(specialty: SpecialtyKey): readonly Practitioner[]
  nurses(specialty: SpecialtyKey): readonly Practitioner[]
  /** A reference to a resource of the hospital: `to('Location', 'ward-3', 'Cardiology')`. */
  to(type: string, part: string, display?: string): Reference
  /** The id of a resource of the hospital; carries the seed, so that two seeds are two hospitals. */
  idOf(part: string): string
}

const staffOf = (seed: number, specialty: Specialty, first: number): Practitioner[] =>
  Array.from({ length: specialty.doctors + specialty.nurses }, (_, i) => {
    const number = first + i
    const random = createRandom(seed).fork(`practitioner ${number}`)
    const sex = random.chance(0.55) ? 'female' : 'male'
    const name = drawName(random, sex)
    const id = `h${seed}-practitioner-${number}`
    const profession = i < specialty.doctors ? 'physician' : 'nurse'
    const display = profession === 'physician' ? `Dr. ${name.text}` : name.text
    return {
      id,
      number,
      name,
      sex,
      profession,
      specialty,
      reference: { reference: `Practitioner/${id}`, display },
    }
  })

/** The same seed gives the same people. `now` is the moment at which the records end. */
export const createHospital = (seed: number, now: Time): Hospital => {
  let count = 0
  const practitioners = specialties.flatMap((specialty) => {
    const staff = staffOf(seed, specialty, count + 1)
    count += staff.length
    return staff
  })
  const select = (profession: Practitioner['profession']): Map<SpecialtyKey, Practitioner[]> =>
    Map.groupBy(
      practitioners.filter((p) => p.profession === profession),
      (p) => p.specialty.key,
    )
  const doctors = select('physician')
  const nurses = select('nurse')
  const idOf = (part: string): string => `h${seed}-${part}`
  return {
    seed,
    now,
    name: 'Lamplight General Hospital',
    practitioners,
    doctors: (specialty) => doctors.get(specialty) ?? [],
    nurses: (specialty) => nurses.get(specialty) ?? [],
    idOf,
    to: (type, part, display) => ({
      reference: `${type}/${idOf(part)}`,
      ...(display === undefined ? {} : { display }),
    }),
  }
}

export type Bed = { readonly ward: Ward; readonly wardNumber: number; readonly bed: number }

/** The part of a bed's id that names it. */
export const bedPart = (bed: Bed): string => `ward-${bed.wardNumber}-bed-${bed.bed}`

/**
 * The bed in which this patient lies now, if any. Worked out from the patient's number alone, so that patients can be
 * written in any order and no two of them share a bed.
 */
export const currentBed = (hospital: Hospital, index: number): Bed | undefined => {
  const n = Math.floor(index / 16)
  const beds = wards.length * bedsPerWard
  if (index % 16 !== 5 || n >= beds) return undefined
  if (createRandom(hospital.seed).fork(`bed ${n}`).chance(0.12)) return undefined
  // 47 and the number of beds have no divisor in common: every bed comes up once, wards alternating.
  const place = (n * 47) % beds
  const wardNumber = Math.floor(place / bedsPerWard)
  return { ward: wards[wardNumber]!, wardNumber: wardNumber + 1, bed: (place % bedsPerWard) + 1 }
}

/** Half-hours that a family doctor gives away in the morning; the afternoon stays open for booking. */
const morningSlots = 8
const weekSlots = 5 * morningSlots

export const slotMinutes = 30

/** The start of working day `n` counted from the Monday after `now`. */
export const workingDayAfter = (now: Time, n: number): Time => {
  const today = Math.floor(now / day) * day
  const weekday = (new Date(today).getUTCDay() + 6) % 7
  return workingDay(today + (7 - weekday) * day + Math.floor(n / 5) * 7 * day + (n % 5) * day)
}

/** The family doctor of the patient with this number. */
export const familyDoctorOf = (hospital: Hospital, index: number): Practitioner => {
  const doctors = hospital.doctors('family')
  return doctors[index % doctors.length]!
}

/** The morning slot kept for the patient with this number at the family doctor's; nobody else has it. */
export const keptSlot = (hospital: Hospital, index: number): Time => {
  const n = Math.floor(index / hospital.doctors('family').length)
  // 7 and 40 have no divisor in common: the slots of a week come up in a scattered order, each once.
  const inWeek = (n * 7) % weekSlots
  const dayNumber = Math.floor(n / weekSlots) * 5 + Math.floor(inWeek / morningSlots)
  return workingDayAfter(hospital.now, dayNumber) + (8 * 60 + (inWeek % morningSlots) * slotMinutes) * minute
}
