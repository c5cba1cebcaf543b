/** The staff and what they do here: http://hl7.org/fhir/R4/practitionerrole.html */
import type { CodeableConcept, Practitioner, PractitionerRole } from 'fhir/r4.js'
import { drawPhone } from './addresses.ts'
import { hl7, hl7Coding, snomed } from './coding.ts'
import type { Hospital, Practitioner as Person } from './hospital.ts'
import { toHumanNames } from './names.ts'
import { staffNumbers } from './organizations.ts'
import { createRandom, type Random } from './random.ts'
import { day, toDate, year } from './time.ts'

const physician = snomed('309343006', 'Physician')
const nurse = snomed('224535009', 'Registered nurse')
const degrees: Record<Person['profession'], CodeableConcept> = {
  physician: { coding: [hl7Coding('v2-0360', 'MD', 'Doctor of Medicine')], text: 'Doctor of Medicine' },
  nurse: { coding: [hl7Coding('v2-0360', 'RN', 'Registered Nurse')], text: 'Registered Nurse' },
}

export function* practitioners(
  hospital: Hospital,
): Generator<(Practitioner | PractitionerRole) & { id: string }> {
  for (const person of hospital.practitioners) {
    const random = createRandom(hospital.seed).fork(`details ${person.number}`)
    yield practitioner(hospital, person, random)
    yield practitionerRole(hospital, person)
  }
}

const practitioner = (hospital: Hospital, person: Person, random: Random): Practitioner & { id: string } => {
  const age = random.int(29, 64)
  const start = hospital.now - (age - 27) * year
  return {
    resourceType: 'Practitioner',
    id: person.id,
    identifier: [{ system: staffNumbers, value: `S${String(10_000 + person.number)}` }],
    active: true,
    name: toHumanNames(person.name, person.profession === 'physician' ? 'Dr.' : undefined),
    telecom: [
      drawPhone(random, 'work'),
      { system: 'email', value: `s${10_000 + person.number}@lamplight.example.org`, use: 'work' },
    ],
    gender: person.sex,
    birthDate: toDate(hospital.now - age * year - random.int(0, 364) * day),
    qualification: [{ code: degrees[person.profession], period: { start: toDate(start).slice(0, 4) } }],
    communication: [
      {
        coding: [
          { system: 'urn:ietf:bcp:47', code: person.name.language, display: person.name.languageDisplay },
        ],
      },
    ],
  }
}

const practitionerRole = (hospital: Hospital, person: Person): PractitionerRole & { id: string } => {
  const { key, name, concept } = person.specialty
  return {
    resourceType: 'PractitionerRole',
    id: `${person.id}-role`,
    active: true,
    practitioner: person.reference,
    organization: hospital.to('Organization', `department-${key}`, name),
    code: [
      person.profession === 'physician'
        ? hl7('practitioner-role', 'doctor', 'Doctor')
        : hl7('practitioner-role', 'nurse', 'Nurse'),
      person.profession === 'physician' ? physician : nurse,
    ],
    specialty: [concept],
    location: [hospital.to('Location', `clinic-${key}`)],
    healthcareService: [hospital.to('HealthcareService', `service-${key}`)],
    availableTime: [
      {
        daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
        availableStartTime: '08:00:00',
        availableEndTime: '16:00:00',
      },
    ],
  }
}
