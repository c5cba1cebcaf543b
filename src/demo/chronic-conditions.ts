/** Diseases that stay, how common they are, and what follows from them. */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Effects, PanelKey } from './analytes.ts'
import { diagnosis } from './coding.ts'
import type { MedicineKey } from './formulary.ts'
import type { Sex } from './names.ts'
import type { SpecialtyKey } from './specialties.ts'

export type ChronicCondition = {
  readonly key: string
  readonly concept: CodeableConcept
  readonly sex?: Sex
  /** Age from which it occurs, and from which it is as common as `peak` says. */
  readonly ages: readonly [number, number]
  readonly peak: number
  /** How much more often it follows another condition, which stands further up in this table. */
  readonly after?: { readonly [key: string]: number }
  readonly medicines: readonly MedicineKey[]
  /** Checked at follow-up visits. */
  readonly panels: readonly PanelKey[]
  readonly effects?: Effects
  /** Ward to which it may bring a patient. */
  readonly ward?: SpecialtyKey
}

const chronic = (
  key: string,
  concept: CodeableConcept,
  ages: readonly [number, number],
  peak: number,
  rest: Partial<ChronicCondition> = {},
): ChronicCondition => ({ key, concept, ages, peak, medicines: [], panels: [], ...rest })

export const chronicConditions: readonly ChronicCondition[] = [
  chronic('obesity', diagnosis('414916001', 'Obesity', 'E66.9', 'Obesity, unspecified'), [8, 45], 0.3, {
    panels: ['lipids'],
    effects: { bmi: 1.34, systolic: 1.03, triglycerides: 1.2, hdl: 0.92, crp: 1.3 },
  }),
  chronic(
    'hypertension',
    diagnosis('38341003', 'Hypertensive disorder', 'I10', 'Essential (primary) hypertension'),
    [28, 75],
    0.58,
    {
      after: { obesity: 1.5 },
      medicines: ['lisinopril', 'amlodipine', 'hydrochlorothiazide'],
      panels: ['metabolic'],
      effects: { systolic: 1.19, diastolic: 1.15 },
    },
  ),
  chronic(
    'hyperlipidemia',
    diagnosis('55822004', 'Hyperlipidemia', 'E78.5', 'Hyperlipidemia, unspecified'),
    [30, 65],
    0.42,
    {
      after: { obesity: 1.4 },
      medicines: ['simvastatin'],
      panels: ['lipids'],
      effects: { cholesterol: 1.34, triglycerides: 1.45, hdl: 0.92 },
    },
  ),
  chronic(
    'diabetes',
    diagnosis(
      '44054006',
      'Type 2 diabetes mellitus',
      'E11.9',
      'Type 2 diabetes mellitus without complications',
    ),
    [28, 68],
    0.2,
    {
      after: { obesity: 2.2, hypertension: 1.4 },
      medicines: ['metformin', 'insulin'],
      panels: ['glycation', 'metabolic', 'lipids'],
      effects: { glucose: 1.85, triglycerides: 1.2 },
      ward: 'medicine',
    },
  ),
  chronic(
    'asthma',
    diagnosis('195967001', 'Asthma', 'J45.909', 'Unspecified asthma, uncomplicated'),
    [2, 12],
    0.1,
    {
      medicines: ['albuterol', 'fluticasone'],
      panels: [],
      effects: { oxygen: 0.99, respiration: 1.08 },
      ward: 'paediatrics',
    },
  ),
  chronic(
    'copd',
    diagnosis(
      '13645005',
      'Chronic obstructive lung disease',
      'J44.9',
      'Chronic obstructive pulmonary disease, unspecified',
    ),
    [45, 75],
    0.14,
    {
      medicines: ['albuterol', 'fluticasone'],
      panels: ['bloodCount'],
      effects: { oxygen: 0.955, respiration: 1.2, heartRate: 1.06 },
      ward: 'pulmonology',
    },
  ),
  chronic(
    'coronary',
    diagnosis(
      '53741008',
      'Coronary arteriosclerosis',
      'I25.10',
      'Atherosclerotic heart disease of native coronary artery without angina pectoris',
    ),
    [42, 78],
    0.2,
    {
      after: { diabetes: 1.7, hypertension: 1.4, hyperlipidemia: 1.4 },
      medicines: ['aspirin', 'atorvastatin', 'metoprolol'],
      panels: ['lipids', 'metabolic'],
      effects: { troponin: 1.5 },
      ward: 'cardiology',
    },
  ),
  chronic(
    'fibrillation',
    diagnosis('49436004', 'Atrial fibrillation', 'I48.91', 'Unspecified atrial fibrillation'),
    [50, 82],
    0.13,
    {
      after: { hypertension: 1.4, coronary: 1.4 },
      medicines: ['warfarin', 'metoprolol'],
      panels: ['coagulation'],
      effects: { heartRate: 1.22, natriureticPeptide: 2 },
      ward: 'cardiology',
    },
  ),
  chronic(
    'heartFailure',
    diagnosis('42343007', 'Congestive heart failure', 'I50.9', 'Heart failure, unspecified'),
    [50, 85],
    0.09,
    {
      after: { coronary: 2.6, fibrillation: 1.6, hypertension: 1.3 },
      medicines: ['furosemide', 'lisinopril', 'metoprolol'],
      panels: ['heartFailure', 'metabolic'],
      effects: { natriureticPeptide: 14, oxygen: 0.975, sodium: 0.985 },
      ward: 'cardiology',
    },
  ),
  chronic(
    'kidney',
    diagnosis(
      '433144002',
      'Chronic kidney disease stage 3',
      'N18.30',
      'Chronic kidney disease, stage 3 unspecified',
    ),
    [45, 80],
    0.12,
    {
      after: { diabetes: 2.2, hypertension: 1.5 },
      medicines: ['lisinopril'],
      panels: ['metabolic', 'bloodCount'],
      effects: {
        creatinine: 1.85,
        urea: 1.9,
        potassium: 1.08,
        hemoglobin: 0.9,
        erythrocytes: 0.91,
        bicarbonate: 0.93,
      },
      ward: 'medicine',
    },
  ),
  chronic(
    'hypothyroidism',
    diagnosis('40930008', 'Hypothyroidism', 'E03.9', 'Hypothyroidism, unspecified'),
    [20, 65],
    0.09,
    {
      medicines: ['levothyroxine'],
      panels: ['thyroid'],
      effects: { thyrotropin: 5.5, cholesterol: 1.06, heartRate: 0.95 },
    },
  ),
  chronic(
    'depression',
    diagnosis('35489007', 'Depressive disorder', 'F32.A', 'Depression, unspecified'),
    [14, 35],
    0.13,
    {
      medicines: ['sertraline'],
    },
  ),
  chronic(
    'anxiety',
    diagnosis('197480006', 'Anxiety disorder', 'F41.9', 'Anxiety disorder, unspecified'),
    [12, 30],
    0.11,
    {
      after: { depression: 2.2 },
      medicines: ['sertraline'],
    },
  ),
  chronic(
    'osteoarthritis',
    diagnosis('396275006', 'Osteoarthritis', 'M19.90', 'Unspecified osteoarthritis, unspecified site'),
    [42, 75],
    0.36,
    {
      after: { obesity: 1.3 },
      medicines: ['naproxen'],
      ward: 'orthopaedics',
    },
  ),
  chronic(
    'osteoporosis',
    diagnosis(
      '64859006',
      'Osteoporosis',
      'M81.0',
      'Age-related osteoporosis without current pathological fracture',
    ),
    [52, 80],
    0.26,
    {
      sex: 'female',
      medicines: ['alendronate'],
      panels: [],
      ward: 'orthopaedics',
    },
  ),
  chronic(
    'reflux',
    diagnosis(
      '235595009',
      'Gastroesophageal reflux disease',
      'K21.9',
      'Gastro-esophageal reflux disease without esophagitis',
    ),
    [20, 60],
    0.2,
    {
      after: { obesity: 1.4 },
      medicines: ['omeprazole'],
    },
  ),
  chronic(
    'prostate',
    diagnosis(
      '266569009',
      'Benign prostatic hyperplasia',
      'N40.0',
      'Benign prostatic hyperplasia without lower urinary tract symptoms',
    ),
    [48, 80],
    0.42,
    {
      sex: 'male',
      medicines: ['tamsulosin'],
    },
  ),
  chronic(
    'migraine',
    diagnosis(
      '37796009',
      'Migraine',
      'G43.909',
      'Migraine, unspecified, not intractable, without status migrainosus',
    ),
    [12, 35],
    0.1,
    {
      medicines: ['naproxen'],
    },
  ),
  chronic(
    'anemia',
    diagnosis('87522002', 'Iron deficiency anemia', 'D50.9', 'Iron deficiency anemia, unspecified'),
    [14, 35],
    0.09,
    {
      sex: 'female',
      medicines: ['ferrousSulfate'],
      panels: ['bloodCount'],
      effects: { hemoglobin: 0.78, erythrocytes: 0.93, platelets: 1.15 },
    },
  ),
  chronic(
    'arthritis',
    diagnosis('69896004', 'Rheumatoid arthritis', 'M06.9', 'Rheumatoid arthritis, unspecified'),
    [25, 60],
    0.02,
    {
      medicines: ['methotrexate'],
      panels: ['bloodCount', 'inflammation'],
      effects: { crp: 7, hemoglobin: 0.93, erythrocytes: 0.94 },
    },
  ),
  chronic(
    'rhinitis',
    diagnosis('367498001', 'Seasonal allergic rhinitis', 'J30.2', 'Other seasonal allergic rhinitis'),
    [4, 20],
    0.16,
    {
      after: { asthma: 2.5 },
      medicines: ['loratadine'],
    },
  ),
  chronic('gout', diagnosis('90560007', 'Gout', 'M10.9', 'Gout, unspecified'), [35, 70], 0.06, {
    after: { kidney: 2, obesity: 1.4 },
    medicines: ['allopurinol'],
    panels: ['metabolic'],
  }),
  chronic(
    'breastCancer',
    diagnosis(
      '254837009',
      'Malignant neoplasm of breast',
      'C50.919',
      'Malignant neoplasm of unspecified site of unspecified female breast',
    ),
    [32, 75],
    0.07,
    {
      sex: 'female',
      medicines: ['anastrozole'],
      panels: ['bloodCount', 'metabolic'],
      effects: { hemoglobin: 0.9, erythrocytes: 0.92, leukocytes: 0.8 },
      ward: 'surgery',
    },
  ),
  chronic(
    'prostateCancer',
    diagnosis('399068003', 'Malignant tumor of prostate', 'C61', 'Malignant neoplasm of prostate'),
    [52, 82],
    0.07,
    {
      sex: 'male',
      panels: ['bloodCount'],
      effects: { hemoglobin: 0.94 },
      ward: 'surgery',
    },
  ),
  chronic(
    'stroke',
    diagnosis('230690007', 'Cerebrovascular accident', 'I63.9', 'Cerebral infarction, unspecified'),
    [48, 85],
    0.07,
    {
      after: { fibrillation: 2.4, hypertension: 1.6 },
      medicines: ['clopidogrel', 'atorvastatin'],
      panels: ['lipids'],
      ward: 'medicine',
    },
  ),
  chronic(
    'dementia',
    diagnosis('26929004', "Alzheimer's disease", 'G30.9', "Alzheimer's disease, unspecified"),
    [66, 92],
    0.24,
    {
      medicines: ['donepezil'],
      ward: 'medicine',
    },
  ),
]
