/** Building, wards and beds: http://hl7.org/fhir/R4/location.html */
import type { CodeableConcept, Location } from 'fhir/r4.js'
import { hl7 } from './coding.ts'
import type { Hospital } from './hospital.ts'
import { bedPart } from './hospital.ts'
import { bedsPerWard, specialties, wards } from './specialties.ts'

const physical = (code: string, display: string): CodeableConcept =>
  hl7('location-physical-type', code, display)
const building = physical('bu', 'Building')
const ward = physical('wa', 'Ward')
const room = physical('ro', 'Room')
const bed = physical('bd', 'Bed')
const role = (code: string, display: string): CodeableConcept => hl7('v3-RoleCode', code, display)

export function* locations(hospital: Hospital): Generator<Location & { id: string }> {
  const base = { resourceType: 'Location', status: 'active', mode: 'instance' } as const
  const main = hospital.to('Location', 'main', 'Main building')
  yield {
    ...base,
    id: hospital.idOf('main'),
    name: 'Main building',
    type: [role('HOSP', 'Hospital')],
    physicalType: building,
    managingOrganization: hospital.to('Organization', 'hospital', hospital.name),
  }
  for (const { key, name } of specialties) {
    yield {
      ...base,
      id: hospital.idOf(`clinic-${key}`),
      name: key === 'emergency' ? 'Emergency Department' : `${name} Clinic`,
      type: [key === 'emergency' ? role('ER', 'Emergency room') : role('OF', 'Outpatient facility')],
      physicalType: room,
      managingOrganization: hospital.to('Organization', `department-${key}`, name),
      partOf: main,
    }
  }
  for (const [i, { name, specialty }] of wards.entries()) {
    const managingOrganization = hospital.to('Organization', `department-${specialty}`)
    yield {
      ...base,
      id: hospital.idOf(`ward-${i + 1}`),
      name,
      type: [role('HU', 'Hospital unit')],
      physicalType: ward,
      managingOrganization,
      partOf: main,
    }
    for (let n = 1; n <= bedsPerWard; n++) {
      yield {
        ...base,
        id: hospital.idOf(bedPart({ ward: wards[i]!, wardNumber: i + 1, bed: n })),
        name: `${name}, bed ${n}`,
        alias: [`${i + 1}-${String(n).padStart(2, '0')}`],
        physicalType: bed,
        managingOrganization,
        partOf: hospital.to('Location', `ward-${i + 1}`, name),
      }
    }
  }
}
