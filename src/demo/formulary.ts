/** The medicines that the hospital prescribes, with their usual dosage: https://www.nlm.nih.gov/research/umls/rxnorm/ */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Effects } from './analytes.ts'
import { rxnorm, snomed } from './coding.ts'

const oral = snomed('26643006', 'Oral route')
const inhaled = snomed('447694001', 'Respiratory tract route')
const subcutaneous = snomed('34206005', 'Subcutaneous route')

export type Medicine = {
  readonly concept: CodeableConcept
  readonly route: CodeableConcept
  /** Per dose, in `unit` (UCUM). */
  readonly dose: number
  readonly unit: { readonly code: string; readonly display: string }
  /** Doses a day, or a week. */
  readonly frequency: number
  readonly weekly?: true
  /** Taken when needed, not regularly. */
  readonly asNeeded?: boolean
  /** Length of a course; medicines without are taken for good. */
  readonly days?: number
  /** Not given to people who are allergic to it. */
  readonly group?: 'penicillin'
  /** Factors on what is measured while it is taken. */
  readonly effects?: Effects
}

const tablet = { code: '{tbl}', display: 'tablet' }
const capsule = { code: '{capsule}', display: 'capsule' }
const puff = { code: '{puff}', display: 'puff' }
const units = { code: '[iU]', display: 'unit' }

const pill = (code: string, display: string, frequency: number, more: Partial<Medicine> = {}): Medicine => ({
  concept: rxnorm(code, display, display),
  route: oral,
  dose: 1,
  unit: tablet,
  frequency,
  ...more,
})

export const formulary = {
  metformin: pill('860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet', 2, {
    effects: { glucose: 0.86 },
  }),
  insulin: {
    concept: rxnorm(
      '106892',
      'insulin isophane, human 70 UNT/ML / insulin, regular, human 30 UNT/ML Injectable Suspension [Humulin]',
    ),
    route: subcutaneous,
    dose: 20,
    unit: units,
    frequency: 2,
    effects: { glucose: 0.8 },
  },
  lisinopril: pill('314076', 'lisinopril 10 MG Oral Tablet', 1, {
    effects: { systolic: 0.92, diastolic: 0.93, potassium: 1.03 },
  }),
  amlodipine: pill('197361', 'amlodipine 5 MG Oral Tablet', 1, {
    effects: { systolic: 0.95, diastolic: 0.95 },
  }),
  hydrochlorothiazide: pill('310798', 'hydrochlorothiazide 25 MG Oral Tablet', 1, {
    effects: { systolic: 0.96, potassium: 0.96 },
  }),
  simvastatin: pill('312961', 'simvastatin 20 MG Oral Tablet', 1, {
    effects: { cholesterol: 0.78, triglycerides: 0.9 },
  }),
  atorvastatin: pill('259255', 'atorvastatin 80 MG Oral Tablet', 1, {
    effects: { cholesterol: 0.68, triglycerides: 0.82 },
  }),
  aspirin: pill('243670', 'aspirin 81 MG Oral Tablet', 1),
  clopidogrel: pill('309362', 'clopidogrel 75 MG Oral Tablet', 1),
  metoprolol: pill('866514', 'metoprolol tartrate 50 MG Oral Tablet', 2, {
    effects: { heartRate: 0.86, systolic: 0.97 },
  }),
  warfarin: pill('855332', 'warfarin sodium 5 MG Oral Tablet', 1, { effects: { inr: 2.4 } }),
  furosemide: pill('310429', 'furosemide 20 MG Oral Tablet', 1, {
    effects: { potassium: 0.95, natriureticPeptide: 0.6 },
  }),
  albuterol: {
    concept: rxnorm('745679', '200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler'),
    route: inhaled,
    dose: 2,
    unit: puff,
    frequency: 4,
    asNeeded: true,
  },
  fluticasone: {
    concept: rxnorm('895994', '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler'),
    route: inhaled,
    dose: 2,
    unit: puff,
    frequency: 2,
  },
  levothyroxine: pill('892246', 'levothyroxine sodium 0.1 MG Oral Tablet', 1, {
    effects: { thyrotropin: 0.3 },
  }),
  sertraline: pill('312941', 'sertraline 50 MG Oral Tablet', 1),
  omeprazole: pill('198051', 'omeprazole 20 MG Delayed Release Oral Capsule', 1, { unit: capsule }),
  tamsulosin: pill('863669', 'tamsulosin hydrochloride 0.4 MG Oral Capsule', 1, { unit: capsule }),
  alendronate: pill('904419', 'alendronic acid 10 MG Oral Tablet', 1),
  ferrousSulfate: pill('310325', 'ferrous sulfate 325 MG Oral Tablet', 1, {
    effects: { hemoglobin: 1.12, erythrocytes: 1.05 },
  }),
  methotrexate: pill('105585', 'methotrexate 2.5 MG Oral Tablet', 1, {
    dose: 6,
    weekly: true,
    effects: { crp: 0.5 },
  }),
  donepezil: pill('997223', 'donepezil hydrochloride 10 MG Oral Tablet', 1),
  anastrozole: pill('199224', 'anastrozole 1 MG Oral Tablet', 1),
  allopurinol: pill('197319', 'allopurinol 100 MG Oral Tablet', 1),
  naproxen: pill('198014', 'naproxen 500 MG Oral Tablet', 2, { asNeeded: true }),
  acetaminophen: pill('313782', 'acetaminophen 325 MG Oral Tablet', 4, { asNeeded: true, days: 10 }),
  ibuprofen: pill('310965', 'ibuprofen 200 MG Oral Tablet', 3, { asNeeded: true, days: 10 }),
  amoxicillin: pill('308182', 'amoxicillin 250 MG Oral Capsule', 3, {
    unit: capsule,
    days: 7,
    group: 'penicillin',
  }),
  coamoxiclav: pill('562251', 'amoxicillin 250 MG / clavulanate 125 MG Oral Tablet', 3, {
    days: 7,
    group: 'penicillin',
  }),
  azithromycin: pill('308460', 'azithromycin 250 MG Oral Tablet', 1, { days: 5 }),
  nitrofurantoin: pill('311995', 'nitrofurantoin, macrocrystals 50 MG Oral Capsule', 4, {
    unit: capsule,
    days: 5,
  }),
  loratadine: pill('311372', 'loratadine 10 MG Oral Tablet', 1, { asNeeded: true }),
  prednisone: pill('312617', 'prednisone 5 MG Oral Tablet', 1, { days: 5, effects: { glucose: 1.1 } }),
} satisfies Record<string, Medicine>

export type MedicineKey = keyof typeof formulary
