/** Illnesses and injuries that come and go, and what is done about them. */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Effects, PanelKey } from './analytes.ts'
import { diagnosis, snomed } from './coding.ts'
import type { MedicineKey } from './formulary.ts'
import type { Sex } from './names.ts'
import type { SpecialtyKey } from './specialties.ts'

export type AcuteCondition = {
  readonly concept: CodeableConcept
  /** How often, relative to the others. */
  readonly weight: number
  readonly ages: readonly [number, number]
  readonly sex?: Sex
  readonly place: 'clinic' | 'emergency' | SpecialtyKey
  /** Days until it is over. */
  readonly lasts: number
  /** Days for which it has been there when the patient comes; a few when absent. */
  readonly began?: number
  /** Days before it can come again; `Infinity` for what comes once. */
  readonly again?: number
  readonly medicines: readonly MedicineKey[]
  readonly panels: readonly PanelKey[]
  readonly procedures: readonly CodeableConcept[]
  readonly effects?: Effects
}

const fever: Effects = { temperature: 1.045, heartRate: 1.2, respiration: 1.12 }
const infection: Effects = { ...fever, leukocytes: 1.85, crp: 20 }

const acute = (
  concept: CodeableConcept,
  weight: number,
  ages: readonly [number, number],
  place: AcuteCondition['place'],
  lasts: number,
  rest: Partial<AcuteCondition> = {},
): AcuteCondition => ({
  concept,
  weight,
  ages,
  place,
  lasts,
  medicines: [],
  panels: [],
  procedures: [],
  ...rest,
})

export const acuteConditions: readonly AcuteCondition[] = [
  acute(
    diagnosis(
      '54150009',
      'Upper respiratory infection',
      'J06.9',
      'Acute upper respiratory infection, unspecified',
    ),
    20,
    [0, 100],
    'clinic',
    8,
    { medicines: ['acetaminophen'], effects: fever },
  ),
  acute(
    diagnosis('195662009', 'Acute viral pharyngitis', 'J02.9', 'Acute pharyngitis, unspecified'),
    12,
    [3, 70],
    'clinic',
    10,
    { medicines: ['ibuprofen'], effects: fever, procedures: [snomed('117015009', 'Throat culture')] },
  ),
  acute(
    diagnosis('10509002', 'Acute bronchitis', 'J20.9', 'Acute bronchitis, unspecified'),
    10,
    [5, 100],
    'clinic',
    16,
    { medicines: ['azithromycin'], effects: { ...fever, oxygen: 0.985 } },
  ),
  acute(
    diagnosis('36971009', 'Sinusitis', 'J01.90', 'Acute sinusitis, unspecified'),
    9,
    [8, 80],
    'clinic',
    14,
    { medicines: ['coamoxiclav'] },
  ),
  acute(
    diagnosis('65363002', 'Otitis media', 'H66.90', 'Otitis media, unspecified, unspecified ear'),
    22,
    [0, 10],
    'clinic',
    10,
    { medicines: ['amoxicillin'], effects: fever },
  ),
  acute(
    diagnosis('38822007', 'Cystitis', 'N30.90', 'Cystitis, unspecified without hematuria'),
    9,
    [15, 95],
    'clinic',
    7,
    { sex: 'female', medicines: ['nitrofurantoin'], procedures: [snomed('117010004', 'Urine culture')] },
  ),
  acute(
    diagnosis('40275004', 'Contact dermatitis', 'L25.9', 'Unspecified contact dermatitis, unspecified cause'),
    5,
    [1, 85],
    'clinic',
    21,
    {},
  ),
  acute(
    diagnosis('279039007', 'Low back pain', 'M54.50', 'Low back pain, unspecified'),
    10,
    [20, 85],
    'clinic',
    30,
    { medicines: ['naproxen'] },
  ),
  acute(
    diagnosis(
      '6142004',
      'Influenza',
      'J11.1',
      'Influenza due to unidentified influenza virus with other respiratory manifestations',
    ),
    6,
    [1, 90],
    'clinic',
    9,
    { effects: infection, medicines: ['acetaminophen'] },
  ),
  acute(
    diagnosis(
      '44465007',
      'Sprain of ankle',
      'S93.409A',
      'Sprain of unspecified ligament of unspecified ankle, initial encounter',
    ),
    6,
    [6, 65],
    'emergency',
    28,
    { medicines: ['ibuprofen'] },
  ),
  acute(
    diagnosis(
      '65966004',
      'Fracture of forearm',
      'S52.90XA',
      'Unspecified fracture of unspecified forearm, initial encounter for closed fracture',
    ),
    3,
    [4, 90],
    'emergency',
    60,
    { medicines: ['acetaminophen'], procedures: [snomed('274474001', 'Bone immobilization')] },
  ),
  acute(
    diagnosis(
      '284549007',
      'Laceration of hand',
      'S61.419A',
      'Laceration without foreign body of unspecified hand, initial encounter',
    ),
    4,
    [3, 80],
    'emergency',
    20,
    { procedures: [snomed('288086009', 'Suture open wound')] },
  ),
  acute(
    diagnosis('29857009', 'Chest pain', 'R07.9', 'Chest pain, unspecified'),
    4,
    [35, 95],
    'emergency',
    3,
    {
      panels: ['infarction', 'metabolic', 'bloodCount'],
      procedures: [
        snomed('29303009', 'Electrocardiographic procedure'),
        snomed('399208008', 'Plain chest X-ray'),
      ],
      effects: { heartRate: 1.2, systolic: 1.08 },
    },
  ),
  acute(
    diagnosis('21522001', 'Abdominal pain', 'R10.9', 'Unspecified abdominal pain'),
    5,
    [5, 90],
    'emergency',
    4,
    { panels: ['bloodCount', 'metabolic', 'inflammation'] },
  ),
  acute(
    diagnosis('233604007', 'Pneumonia', 'J18.9', 'Pneumonia, unspecified organism'),
    3,
    [1, 15],
    'paediatrics',
    21,
    {
      medicines: ['amoxicillin'],
      panels: ['bloodCount', 'inflammation'],
      procedures: [snomed('399208008', 'Plain chest X-ray')],
      effects: { ...infection, oxygen: 0.93 },
    },
  ),
  acute(
    diagnosis('233604007', 'Pneumonia', 'J18.9', 'Pneumonia, unspecified organism'),
    4,
    [34, 100],
    'pulmonology',
    28,
    {
      medicines: ['coamoxiclav'],
      panels: ['bloodCount', 'metabolic', 'inflammation'],
      procedures: [snomed('399208008', 'Plain chest X-ray')],
      effects: { ...infection, oxygen: 0.92 },
    },
  ),
  acute(
    diagnosis('85189001', 'Acute appendicitis', 'K35.80', 'Unspecified acute appendicitis'),
    2,
    [18, 92],
    'surgery',
    21,
    {
      again: Number.POSITIVE_INFINITY,
      panels: ['bloodCount', 'inflammation'],
      procedures: [snomed('80146002', 'Excision of appendix')],
      medicines: ['acetaminophen'],
      effects: infection,
    },
  ),
  acute(
    diagnosis('85189001', 'Acute appendicitis', 'K35.80', 'Unspecified acute appendicitis'),
    2,
    [6, 15],
    'paediatrics',
    21,
    {
      again: Number.POSITIVE_INFINITY,
      panels: ['bloodCount', 'inflammation'],
      procedures: [snomed('80146002', 'Excision of appendix')],
      medicines: ['acetaminophen'],
      effects: infection,
    },
  ),
  acute(
    diagnosis('22298006', 'Myocardial infarction', 'I21.9', 'Acute myocardial infarction, unspecified'),
    2,
    [44, 100],
    'cardiology',
    30,
    {
      again: 90,
      medicines: ['clopidogrel'],
      panels: ['infarction', 'metabolic', 'bloodCount', 'coagulation'],
      procedures: [
        snomed('29303009', 'Electrocardiographic procedure'),
        snomed('415070008', 'Percutaneous coronary intervention'),
      ],
      effects: { troponin: 180, heartRate: 1.2, oxygen: 0.97 },
    },
  ),
  acute(
    diagnosis(
      '359817006',
      'Closed fracture of hip',
      'S72.009A',
      'Fracture of unspecified part of neck of unspecified femur, initial encounter for closed fracture',
    ),
    2,
    [65, 100],
    'orthopaedics',
    120,
    {
      again: 900,
      medicines: ['acetaminophen'],
      panels: ['bloodCount', 'metabolic', 'coagulation'],
      procedures: [snomed('52734007', 'Total replacement of hip')],
      effects: { hemoglobin: 0.82, erythrocytes: 0.82 },
    },
  ),
  acute(
    diagnosis('239873007', 'Osteoarthritis of knee', 'M17.9', 'Osteoarthritis of knee, unspecified'),
    1,
    [50, 85],
    'orthopaedics',
    90,
    {
      again: Number.POSITIVE_INFINITY,
      medicines: ['acetaminophen'],
      panels: ['bloodCount', 'coagulation'],
      procedures: [snomed('609588000', 'Total replacement of knee joint')],
      effects: { hemoglobin: 0.85, erythrocytes: 0.85 },
    },
  ),
  acute(
    diagnosis(
      '68566005',
      'Urinary tract infectious disease',
      'N39.0',
      'Urinary tract infection, site not specified',
    ),
    3,
    [60, 100],
    'medicine',
    14,
    { medicines: ['coamoxiclav'], panels: ['bloodCount', 'metabolic', 'inflammation'], effects: infection },
  ),
  acute(
    diagnosis(
      '69776003',
      'Acute gastroenteritis',
      'K52.9',
      'Noninfective gastroenteritis and colitis, unspecified',
    ),
    2,
    [18, 90],
    'medicine',
    7,
    { panels: ['metabolic', 'bloodCount'], effects: { ...fever, urea: 1.5, sodium: 0.98, potassium: 0.92 } },
  ),
  acute(
    diagnosis(
      '72892002',
      'Normal pregnancy',
      'Z34.90',
      'Encounter for supervision of normal pregnancy, unspecified, unspecified trimester',
    ),
    5,
    [19, 42],
    'obstetrics',
    3,
    {
      sex: 'female',
      began: 273,
      again: 400,
      panels: ['bloodCount'],
      procedures: [snomed('66348005', 'Childbirth')],
      effects: { hemoglobin: 0.9, erythrocytes: 0.92, bmi: 1.12 },
    },
  ),
]
