/** The person as the registration desk knows them: http://hl7.org/fhir/R4/patient.html */
import type { CodeableConcept, Patient } from 'fhir/r4.js'
import { drawAddress, drawPhone } from './addresses.ts'
import { type Chart, patientId, urn } from './chart.ts'
import { hl7 } from './coding.ts'
import { drawName, toHumanNames } from './names.ts'
import { recordNumbers } from './organizations.ts'
import type { Random } from './random.ts'
import { toDate, toDateTime } from './time.ts'

const recordNumberType = hl7('v2-0203', 'MR', 'Medical record number')
const marital: readonly { weight: number; concept: CodeableConcept }[] = [
  { weight: 48, concept: hl7('v3-MaritalStatus', 'M', 'Married') },
  { weight: 30, concept: hl7('v3-MaritalStatus', 'S', 'Never Married') },
  { weight: 12, concept: hl7('v3-MaritalStatus', 'D', 'Divorced') },
  { weight: 10, concept: hl7('v3-MaritalStatus', 'W', 'Widowed') },
]
const single = marital[1]!.concept

/** The Patient, and a parent for a child. Returns the parent's RelatedPerson, who then holds the insurance. */
export const writePatient = (chart: Chart): { readonly parent?: string } => {
  const random = chart.random.fork('registration')
  chart.add(patient(chart, random))
  return chart.person.age < 16 ? { parent: writeParent(chart, random) } : {}
}

const patient = (chart: Chart, random: Random): Patient & { id: string } => {
  const { person, hospital } = chart
  const adult = person.age >= 18
  return {
    resourceType: 'Patient',
    id: patientId(chart),
    identifier: [
      {
        use: 'usual',
        type: recordNumberType,
        system: recordNumbers,
        value: `${hospital.seed}-${String(person.index + 1).padStart(7, '0')}`,
        assigner: { display: hospital.name },
      },
    ],
    active: person.died === undefined,
    name: toHumanNames(person.name),
    telecom: [...person.telecom],
    gender: person.sex,
    birthDate: toDate(person.birth),
    ...(person.died === undefined ? {} : { deceasedDateTime: toDateTime(person.died) }),
    address: [person.address],
    maritalStatus: adult ? random.weighted(marital).concept : single,
    ...(adult && random.chance(0.5) ? { contact: [contact(chart, random)] } : {}),
    communication: [
      {
        language: {
          coding: [
            { system: 'urn:ietf:bcp:47', code: person.name.language, display: person.name.languageDisplay },
          ],
          text: person.name.languageDisplay,
        },
        preferred: true,
      },
    ],
    generalPractitioner: [chart.familyDoctor.reference],
    managingOrganization: hospital.to('Organization', 'hospital', hospital.name),
  }
}

const contact = (chart: Chart, random: Random): NonNullable<Patient['contact']>[number] => {
  const sex = random.chance(0.5) ? 'female' : 'male'
  return {
    relationship: [hl7('v2-0131', 'N', 'Next-of-Kin')],
    name: { use: 'official', text: drawName(random, sex, chart.person.name).text },
    telecom: [drawPhone(random, 'mobile')],
    address: random.chance(0.5) ? chart.person.address : drawAddress(random),
    gender: sex,
  }
}

const writeParent = (chart: Chart, random: Random): string => {
  const mother = random.chance(0.8)
  const id = chart.newId()
  chart.add({
    resourceType: 'RelatedPerson',
    id,
    active: true,
    patient: chart.subject,
    relationship: [mother ? hl7('v3-RoleCode', 'MTH', 'mother') : hl7('v3-RoleCode', 'FTH', 'father')],
    name: toHumanNames(drawName(random, mother ? 'female' : 'male', chart.person.name)),
    telecom: [drawPhone(random, 'mobile')],
    gender: mother ? 'female' : 'male',
    address: [chart.person.address],
  })
  return urn(id).reference!
}
