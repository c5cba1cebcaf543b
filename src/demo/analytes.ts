/** What is measured: laboratory analytes with reference ranges, and the panels in which they are ordered: https://loinc.org */
import type { CodeableConcept } from 'fhir/r4.js'
import { loinc } from './coding.ts'

/** Factors by which a condition or a medicine changes what is measured. */
export type Effects = { readonly [analyte: string]: number }

type Range = readonly [number, number]

export type Analyte = {
  readonly concept: CodeableConcept
  /** UCUM. */
  readonly unit: string
  /** Decimal places that the analyser prints. */
  readonly digits: number
  /** Mean of healthy people, women and men. */
  readonly mean: Range
  /** Standard deviation relative to the mean: between people, and of one person from day to day. */
  readonly between: number
  readonly within: number
  /** Women's and men's reference ranges; an open end is left out of the resource. */
  readonly range: { readonly female: Range; readonly male: Range }
  /** Beyond these the ward is called. */
  readonly critical?: Range
}

const both = (range: Range): Analyte['range'] => ({ female: range, male: range })

const analyte = (
  code: string,
  display: string,
  unit: string,
  digits: number,
  mean: number | Range,
  between: number,
  within: number,
  range: Range | Analyte['range'],
  critical?: Range,
): Analyte => ({
  concept: loinc(code, display, display),
  unit,
  digits,
  mean: typeof mean === 'number' ? [mean, mean] : mean,
  between,
  within,
  range: 'female' in range ? range : both(range),
  ...(critical === undefined ? {} : { critical }),
})

const open = Number.POSITIVE_INFINITY

export const analytes = {
  leukocytes: analyte(
    '6690-2',
    'Leukocytes [#/volume] in Blood by Automated count',
    '10*3/uL',
    1,
    7,
    0.16,
    0.1,
    [4.5, 11],
    [2, 30],
  ),
  erythrocytes: analyte(
    '789-8',
    'Erythrocytes [#/volume] in Blood by Automated count',
    '10*6/uL',
    2,
    [4.5, 5.1],
    0.05,
    0.02,
    { female: [3.8, 5.2], male: [4.3, 5.9] },
  ),
  hemoglobin: analyte(
    '718-7',
    'Hemoglobin [Mass/volume] in Blood',
    'g/dL',
    1,
    [13.6, 15.2],
    0.05,
    0.02,
    { female: [12, 15.5], male: [13.5, 17.5] },
    [7, 20],
  ),
  hematocrit: analyte(
    '4544-3',
    'Hematocrit [Volume Fraction] of Blood by Automated count',
    '%',
    1,
    [40.5, 45.5],
    0.04,
    0.02,
    { female: [36, 46], male: [41, 53] },
  ),
  mcv: analyte('787-2', 'MCV [Entitic volume] by Automated count', 'fL', 1, 90, 0.03, 0.01, [80, 100]),
  mch: analyte('785-6', 'MCH [Entitic mass] by Automated count', 'pg', 1, 30, 0.03, 0.01, [26, 34]),
  mchc: analyte('786-4', 'MCHC [Mass/volume] by Automated count', 'g/dL', 1, 33.5, 0.02, 0.01, [31, 37]),
  platelets: analyte(
    '777-3',
    'Platelets [#/volume] in Blood by Automated count',
    '10*3/uL',
    0,
    250,
    0.18,
    0.07,
    [150, 400],
    [50, 1000],
  ),
  glucose: analyte(
    '2345-7',
    'Glucose [Mass/volume] in Serum or Plasma',
    'mg/dL',
    0,
    90,
    0.06,
    0.06,
    [70, 99],
    [45, 400],
  ),
  urea: analyte(
    '3094-0',
    'Urea nitrogen [Mass/volume] in Serum or Plasma',
    'mg/dL',
    0,
    13,
    0.18,
    0.12,
    [7, 20],
    [2, 100],
  ),
  creatinine: analyte(
    '2160-0',
    'Creatinine [Mass/volume] in Serum or Plasma',
    'mg/dL',
    2,
    [0.75, 0.95],
    0.1,
    0.05,
    { female: [0.5, 1.1], male: [0.6, 1.3] },
    [0.2, 7.5],
  ),
  filtration: analyte(
    '98979-8',
    'Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)',
    'mL/min/{1.73_m2}',
    0,
    95,
    0.1,
    0.05,
    [60, open],
  ),
  sodium: analyte(
    '2951-2',
    'Sodium [Moles/volume] in Serum or Plasma',
    'mmol/L',
    0,
    140,
    0.01,
    0.008,
    [135, 145],
    [120, 160],
  ),
  potassium: analyte(
    '2823-3',
    'Potassium [Moles/volume] in Serum or Plasma',
    'mmol/L',
    1,
    4.2,
    0.04,
    0.04,
    [3.5, 5.1],
    [2.8, 6.2],
  ),
  chloride: analyte(
    '2075-0',
    'Chloride [Moles/volume] in Serum or Plasma',
    'mmol/L',
    0,
    102,
    0.01,
    0.01,
    [98, 107],
  ),
  bicarbonate: analyte(
    '2028-9',
    'Carbon dioxide, total [Moles/volume] in Serum or Plasma',
    'mmol/L',
    0,
    25,
    0.04,
    0.04,
    [22, 29],
  ),
  calcium: analyte(
    '17861-6',
    'Calcium [Mass/volume] in Serum or Plasma',
    'mg/dL',
    1,
    9.4,
    0.02,
    0.02,
    [8.5, 10.2],
    [6.5, 13],
  ),
  cholesterol: analyte(
    '2093-3',
    'Cholesterol [Mass/volume] in Serum or Plasma',
    'mg/dL',
    0,
    178,
    0.11,
    0.05,
    [0, 200],
  ),
  triglycerides: analyte(
    '2571-8',
    'Triglyceride [Mass/volume] in Serum or Plasma',
    'mg/dL',
    0,
    110,
    0.25,
    0.15,
    [0, 150],
  ),
  hdl: analyte(
    '2085-9',
    'Cholesterol in HDL [Mass/volume] in Serum or Plasma',
    'mg/dL',
    0,
    [58, 48],
    0.16,
    0.05,
    { female: [50, open], male: [40, open] },
  ),
  ldl: analyte(
    '13457-7',
    'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation',
    'mg/dL',
    0,
    105,
    0.15,
    0.06,
    [0, 130],
  ),
  hba1c: analyte('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', 1, 5.3, 0.04, 0.02, [4, 5.6]),
  thyrotropin: analyte(
    '3016-3',
    'Thyrotropin [Units/volume] in Serum or Plasma',
    'm[IU]/L',
    2,
    1.9,
    0.3,
    0.12,
    [0.4, 4.5],
  ),
  crp: analyte(
    '1988-5',
    'C reactive protein [Mass/volume] in Serum or Plasma',
    'mg/L',
    1,
    2.2,
    0.25,
    0.25,
    [0, 5],
  ),
  inr: analyte(
    '6301-6',
    'INR in Platelet poor plasma by Coagulation assay',
    '{INR}',
    1,
    1,
    0.04,
    0.08,
    [0.8, 1.2],
    [0.5, 5],
  ),
  natriureticPeptide: analyte(
    '33762-6',
    'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma',
    'pg/mL',
    0,
    80,
    0.25,
    0.2,
    [0, 125],
  ),
  troponin: analyte(
    '10839-9',
    'Troponin I.cardiac [Mass/volume] in Serum or Plasma',
    'ng/mL',
    2,
    0.01,
    0.2,
    0.2,
    [0, 0.04],
    [0, 0.4],
  ),
} satisfies Record<string, Analyte>

export type AnalyteKey = keyof typeof analytes

export type Panel = { readonly concept: CodeableConcept; readonly analytes: readonly AnalyteKey[] }

const panel = (code: string, display: string, ...keys: AnalyteKey[]): Panel => ({
  concept: loinc(code, display, display),
  analytes: keys,
})

/** A derived analyte stands after those from which it is calculated. */
export const panels = {
  bloodCount: panel(
    '58410-2',
    'CBC panel - Blood by Automated count',
    'leukocytes',
    'erythrocytes',
    'hemoglobin',
    'hematocrit',
    'mcv',
    'mch',
    'mchc',
    'platelets',
  ),
  metabolic: panel(
    '51990-0',
    'Basic metabolic panel - Blood',
    'glucose',
    'urea',
    'creatinine',
    'filtration',
    'sodium',
    'potassium',
    'chloride',
    'bicarbonate',
    'calcium',
  ),
  lipids: panel(
    '24331-1',
    'Lipid 1996 panel - Serum or Plasma',
    'cholesterol',
    'triglycerides',
    'hdl',
    'ldl',
  ),
  glycation: panel('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', 'hba1c'),
  thyroid: panel('3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', 'thyrotropin'),
  inflammation: panel('1988-5', 'C reactive protein [Mass/volume] in Serum or Plasma', 'crp'),
  coagulation: panel('6301-6', 'INR in Platelet poor plasma by Coagulation assay', 'inr'),
  heartFailure: panel(
    '33762-6',
    'Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma',
    'natriureticPeptide',
  ),
  infarction: panel('10839-9', 'Troponin I.cardiac [Mass/volume] in Serum or Plasma', 'troponin'),
} satisfies Record<string, Panel>

export type PanelKey = keyof typeof panels
