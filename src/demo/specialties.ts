/** Clinical specialties of the hospital, and the wards that belong to them: http://hl7.org/fhir/R4/valueset-c80-practice-codes.html */
import type { CodeableConcept } from 'fhir/r4.js'
import { snomed } from './coding.ts'

export type SpecialtyKey =
  | 'family'
  | 'medicine'
  | 'cardiology'
  | 'pulmonology'
  | 'surgery'
  | 'orthopaedics'
  | 'obstetrics'
  | 'paediatrics'
  | 'neurology'
  | 'emergency'

export type Specialty = {
  readonly key: SpecialtyKey
  readonly name: string
  readonly concept: CodeableConcept
  readonly doctors: number
  readonly nurses: number
}

export const specialties: readonly Specialty[] = [
  {
    key: 'family',
    name: 'Family Medicine',
    concept: snomed('394814009', 'General practice (specialty)'),
    doctors: 24,
    nurses: 4,
  },
  {
    key: 'medicine',
    name: 'Internal Medicine',
    concept: snomed('419192003', 'Internal medicine'),
    doctors: 6,
    nurses: 3,
  },
  {
    key: 'cardiology',
    name: 'Cardiology',
    concept: snomed('394579002', 'Cardiology'),
    doctors: 5,
    nurses: 3,
  },
  {
    key: 'pulmonology',
    name: 'Pulmonology',
    concept: snomed('418112009', 'Pulmonary medicine'),
    doctors: 4,
    nurses: 2,
  },
  {
    key: 'surgery',
    name: 'General Surgery',
    concept: snomed('394609007', 'General surgery'),
    doctors: 5,
    nurses: 3,
  },
  {
    key: 'orthopaedics',
    name: 'Orthopaedics',
    concept: snomed('394801008', 'Trauma and orthopedics'),
    doctors: 4,
    nurses: 2,
  },
  {
    key: 'obstetrics',
    name: 'Obstetrics and Gynaecology',
    concept: snomed('394585009', 'Obstetrics and gynecology'),
    doctors: 4,
    nurses: 3,
  },
  {
    key: 'paediatrics',
    name: 'Paediatrics',
    concept: snomed('394537008', 'Pediatric specialty'),
    doctors: 5,
    nurses: 3,
  },
  { key: 'neurology', name: 'Neurology', concept: snomed('394591006', 'Neurology'), doctors: 3, nurses: 2 },
  {
    key: 'emergency',
    name: 'Emergency Medicine',
    concept: snomed('773568002', 'Emergency medicine'),
    doctors: 6,
    nurses: 5,
  },
]

export type Ward = {
  readonly specialty: SpecialtyKey
  readonly name: string
  /** Whom the ward takes, in years. */
  readonly ages: readonly [number, number]
  readonly sex?: 'female'
}

export const bedsPerWard = 40

export const wards: readonly Ward[] = [
  { specialty: 'medicine', name: 'Internal Medicine A', ages: [18, 95] },
  { specialty: 'medicine', name: 'Internal Medicine B', ages: [18, 95] },
  { specialty: 'cardiology', name: 'Cardiology', ages: [45, 95] },
  { specialty: 'pulmonology', name: 'Respiratory Care', ages: [35, 95] },
  { specialty: 'surgery', name: 'Surgery', ages: [18, 90] },
  { specialty: 'orthopaedics', name: 'Orthopaedics', ages: [50, 95] },
  { specialty: 'obstetrics', name: 'Maternity', ages: [19, 42], sex: 'female' },
  { specialty: 'paediatrics', name: "Children's Ward", ages: [1, 15] },
]
