/** The hospital, its departments and the insurers: http://hl7.org/fhir/R4/organization.html */
import type { HealthcareService, Organization } from 'fhir/r4.js'
import { hl7 } from './coding.ts'
import { type Hospital, insurers } from './hospital.ts'
import { type Specialty, specialties } from './specialties.ts'

const site = 'https://lamplight.example.org'

/** System of the medical record numbers. */
export const recordNumbers = `${site}/medical-record-number`
/** System of the numbers by which the staff is known. */
export const staffNumbers = `${site}/staff-number`

const house = (hospital: Hospital): Organization & { id: string } => ({
  resourceType: 'Organization',
  id: hospital.idOf('hospital'),
  identifier: [{ system: `${site}/organization`, value: hospital.idOf('hospital') }],
  active: true,
  type: [hl7('organization-type', 'prov', 'Healthcare Provider')],
  name: hospital.name,
  telecom: [{ system: 'phone', value: '+1-802-555-0100', use: 'work' }],
  address: [
    {
      use: 'work',
      line: ['1 Lantern Road'],
      city: 'Lamplight',
      state: 'VT',
      postalCode: '05940',
      country: 'US',
    },
  ],
})

const department = (hospital: Hospital, { key, name }: Specialty): Organization & { id: string } => ({
  resourceType: 'Organization',
  id: hospital.idOf(`department-${key}`),
  active: true,
  type: [hl7('organization-type', 'dept', 'Hospital Department')],
  name: `${hospital.name}, ${name}`,
  alias: [name],
  partOf: hospital.to('Organization', 'hospital', hospital.name),
})

const service = (hospital: Hospital, specialty: Specialty): HealthcareService & { id: string } => ({
  resourceType: 'HealthcareService',
  id: hospital.idOf(`service-${specialty.key}`),
  active: true,
  providedBy: hospital.to('Organization', `department-${specialty.key}`, specialty.name),
  specialty: [specialty.concept],
  name: `${specialty.name} consultation`,
  appointmentRequired: specialty.key !== 'emergency',
})

export function* organizations(
  hospital: Hospital,
): Generator<(Organization | HealthcareService) & { id: string }> {
  yield house(hospital)
  for (const specialty of specialties) {
    yield department(hospital, specialty)
    yield service(hospital, specialty)
  }
  for (const insurer of insurers) {
    yield {
      resourceType: 'Organization',
      id: hospital.idOf(`insurer-${insurer.key}`),
      active: true,
      type: [hl7('organization-type', 'ins', 'Insurance Company')],
      name: insurer.name,
    }
  }
}
