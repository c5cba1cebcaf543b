/** Code systems and the concepts built from them: http://hl7.org/fhir/R4/terminologies-systems.html */
import type { CodeableConcept, Coding, Quantity } from 'fhir/r4.js'

const terminology = 'http://terminology.hl7.org/CodeSystem'

const concept = (coding: readonly Coding[], text?: string): CodeableConcept => ({
  coding: [...coding],
  ...(text === undefined ? {} : { text }),
})

const of =
  (system: string) =>
  (code: string, display: string, text?: string): CodeableConcept =>
    concept([{ system, code, display }], text)

export const loinc = of('http://loinc.org')
export const snomed = of('http://snomed.info/sct')
export const rxnorm = of('http://www.nlm.nih.gov/research/umls/rxnorm')
export const cvx = of('http://hl7.org/fhir/sid/cvx')

/** A concept of one of HL7's own code systems: `hl7('condition-clinical', 'active', 'Active')`. */
export const hl7 = (system: string, code: string, display: string): CodeableConcept =>
  concept([{ system: `${terminology}/${system}`, code, display }])

/** A Coding of one of HL7's own code systems. */
export const hl7Coding = (system: string, code: string, display: string): Coding => ({
  system: `${terminology}/${system}`,
  code,
  display,
})

/** A diagnosis in SNOMED CT and ICD-10-CM. */
export const diagnosis = (code: string, display: string, icd: string, icdDisplay: string): CodeableConcept =>
  concept(
    [
      { system: 'http://snomed.info/sct', code, display },
      { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: icd, display: icdDisplay },
    ],
    display,
  )

/** A quantity with a UCUM unit; `unit` is how people write it where that differs. */
export const ucum = (value: number, code: string, unit: string = code): Quantity => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code,
})

/** Rounded as the instrument reports it. */
export const round = (value: number, digits: number): number => Number(value.toFixed(digits))
