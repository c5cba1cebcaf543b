/** Lists that the server works out of a patient's record. http://hl7.org/fhir/R4/lifecycle.html#lists, http://hl7.org/fhir/R4/search.html#list */

type Tests = readonly (readonly [name: string, value: string])[]

const notInError: Tests = [['verification-status:not', 'refuted,entered-in-error']]

/** What resources of a type must be to be on the list, as parameters of a search. See CLARIFICATIONS 41. */
export const currentLists: Readonly<Record<string, Readonly<Record<string, Tests>>>> = {
  '$current-problems': {
    Condition: [
      ['category', 'problem-list-item'],
      ['clinical-status', 'active,recurrence,relapse'],
      ...notInError,
    ],
  },
  '$current-medications': {
    MedicationStatement: [['status', 'active']],
    MedicationRequest: [['status', 'active']],
  },
  '$current-allergies': {
    AllergyIntolerance: [['clinical-status', 'active'], ...notInError],
  },
  '$current-drug-allergies': {
    AllergyIntolerance: [['category', 'medication'], ['clinical-status', 'active'], ...notInError],
  },
}
