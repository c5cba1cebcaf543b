/** Groups of resource types, for policies and for scopes of a patient. */
import type { Definitions } from '../fhir/definitions/model.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import type { TypeGroups } from './policy.ts'

/** Who and what there is in a hospital: of no patient, and what patients' resources refer to. */
export const directory: readonly string[] = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'OrganizationAffiliation',
  'Location',
  'HealthcareService',
  'Endpoint',
  'Medication',
  'MedicationKnowledge',
  'Substance',
]

/** What resources are made by: definitions, codes, plans that anybody may be treated by. */
const definitions: readonly string[] = [
  'ActivityDefinition',
  'CapabilityStatement',
  'CodeSystem',
  'CompartmentDefinition',
  'ConceptMap',
  'GraphDefinition',
  'ImplementationGuide',
  'Library',
  'Measure',
  'MessageDefinition',
  'NamingSystem',
  'ObservationDefinition',
  'OperationDefinition',
  'PlanDefinition',
  'Questionnaire',
  'SearchParameter',
  'SpecimenDefinition',
  'StructureDefinition',
  'StructureMap',
  'TerminologyCapabilities',
  'ValueSet',
]

const money: readonly string[] = [
  'Account',
  'ChargeItem',
  'ChargeItemDefinition',
  'Claim',
  'ClaimResponse',
  'Contract',
  'Coverage',
  'CoverageEligibilityRequest',
  'CoverageEligibilityResponse',
  'EnrollmentRequest',
  'EnrollmentResponse',
  'ExplanationOfBenefit',
  'InsurancePlan',
  'Invoice',
  'PaymentNotice',
  'PaymentReconciliation',
]

const schedule: readonly string[] = ['Schedule', 'Slot', 'Appointment', 'AppointmentResponse']

/** Kept for those who look after the record itself. */
const record: readonly string[] = ['AuditEvent', 'Provenance', 'Consent']

/** The types in a compartment of the definitions, its own among them. */
const inCompartment = ({ compartments }: Definitions, name: string): readonly string[] => {
  const found = new Set([name, ...(compartments.get(name)?.keys() ?? [])])
  return resourceTypes.filter((type) => found.has(type))
}

export const typeGroups = (from: Definitions): TypeGroups => {
  const ofPatients = inCompartment(from, 'Patient')
  const apart = new Set([...money, ...schedule, ...record])
  return new Map([
    ['@patient-record', ofPatients],
    ['@clinical', ofPatients.filter((type) => !apart.has(type))],
    ['@directory', directory],
    ['@definitions', definitions],
    ['@money', money],
    ['@schedule', schedule],
  ])
}
