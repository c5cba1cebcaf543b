/** Allergies and intolerances: http://hl7.org/fhir/R4/allergyintolerance.html */
import type { AllergyIntolerance, CodeableConcept } from 'fhir/r4.js'
import type { Chart } from './chart.ts'
import { hl7, snomed } from './coding.ts'
import { toDate, toDateTime, year } from './time.ts'

type Category = NonNullable<AllergyIntolerance['category']>[number]
type Allergen = {
  readonly weight: number
  readonly code: CodeableConcept
  readonly category: Category
  readonly manifestations: readonly CodeableConcept[]
  /** Group of medicines that must not be given. */
  readonly group?: 'penicillin'
}

const hives = snomed('247472004', 'Wheal')
const rash = snomed('271807003', 'Eruption of skin')
const shock = snomed('39579001', 'Anaphylaxis')
const cough = snomed('49727002', 'Cough')
const nausea = snomed('422587007', 'Nausea')
const runnyNose = snomed('64531003', 'Nasal discharge')

const allergens: readonly Allergen[] = [
  {
    weight: 20,
    code: snomed('91936005', 'Allergy to penicillin'),
    category: 'medication',
    manifestations: [rash, hives, shock],
    group: 'penicillin',
  },
  {
    weight: 8,
    code: snomed('91935009', 'Allergy to peanut'),
    category: 'food',
    manifestations: [hives, shock, nausea],
  },
  {
    weight: 7,
    code: snomed('300913006', 'Allergy to shellfish'),
    category: 'food',
    manifestations: [hives, nausea],
  },
  {
    weight: 4,
    code: snomed('91930004', 'Allergy to egg protein'),
    category: 'food',
    manifestations: [rash, nausea],
  },
  {
    weight: 4,
    code: snomed('425525006', 'Allergy to dairy product'),
    category: 'food',
    manifestations: [nausea, rash],
  },
  { weight: 3, code: snomed('420174000', 'Allergy to wheat'), category: 'food', manifestations: [nausea] },
  {
    weight: 12,
    code: snomed('232350006', 'House dust mite allergy'),
    category: 'environment',
    manifestations: [cough, runnyNose],
  },
  {
    weight: 14,
    code: snomed('418689008', 'Allergy to grass pollen'),
    category: 'environment',
    manifestations: [runnyNose, cough],
  },
  {
    weight: 9,
    code: snomed('232347008', 'Dander (animal) allergy'),
    category: 'environment',
    manifestations: [runnyNose, rash],
  },
  {
    weight: 4,
    code: snomed('424213003', 'Allergy to bee venom'),
    category: 'environment',
    manifestations: [hives, shock],
  },
  { weight: 4, code: snomed('300916003', 'Latex allergy'), category: 'environment', manifestations: [rash] },
]

const active = hl7('allergyintolerance-clinical', 'active', 'Active')
const confirmed = hl7('allergyintolerance-verification', 'confirmed', 'Confirmed')
const none = snomed('716186003', 'No known allergy')

/** Writes the allergies, or that none are known. Returns the groups of medicines to keep away from. */
export const writeAllergies = (chart: Chart): ReadonlySet<string> => {
  const random = chart.random.fork('allergies')
  const avoid = new Set<string>()
  if (!random.chance(0.28)) {
    if (random.chance(0.6))
      chart.add(
        allergy(chart, {
          code: none,
          recordedDate: toDateTime(chart.end - random.between(0, 1) * (chart.end - chart.person.birth)),
        }),
      )
    return avoid
  }
  const chosen = new Set(
    Array.from({ length: random.int(1, random.chance(0.2) ? 4 : 2) }, () => random.weighted(allergens)),
  )
  for (const { code, category, manifestations, group } of chosen) {
    const onset = chart.person.birth + random.between(0, 0.5) * (chart.end - chart.person.birth)
    const manifestation = random.pick(manifestations)
    const severe = manifestation === shock
    if (group !== undefined) avoid.add(group)
    chart.add(
      allergy(chart, {
        type: 'allergy',
        category: [category],
        criticality: severe ? 'high' : 'low',
        code,
        onsetDateTime: toDate(onset).slice(0, 4),
        recordedDate: toDateTime(Math.min(chart.end, onset + random.between(0.1, 2) * year)),
        reaction: [
          { manifestation: [manifestation], severity: severe ? 'severe' : random.pick(['mild', 'moderate']) },
        ],
      }),
    )
  }
  return avoid
}

const allergy = (
  chart: Chart,
  about: Partial<Omit<AllergyIntolerance, 'id'>>,
): AllergyIntolerance & { id: string } => ({
  resourceType: 'AllergyIntolerance',
  id: chart.newId(),
  clinicalStatus: active,
  verificationStatus: confirmed,
  patient: chart.subject,
  recorder: chart.familyDoctor.reference,
  ...about,
})
