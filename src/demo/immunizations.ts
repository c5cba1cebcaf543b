/** Immunizations by age: http://hl7.org/fhir/R4/immunization.html, https://www.cdc.gov/vaccines/hcp/imz-schedules/ */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { cvx, hl7, snomed, ucum } from './coding.ts'
import { createRandom } from './random.ts'
import { minute, type Time, toDate, toDateTime, year } from './time.ts'

type Vaccine = { readonly code: CodeableConcept; readonly months: readonly number[]; readonly uptake: number }

const vaccine = (code: string, display: string, months: readonly number[], uptake = 0.93): Vaccine => ({
  code: cvx(code, display, display),
  months,
  uptake,
})

const vaccines: readonly Vaccine[] = [
  vaccine('08', 'Hep B, adolescent or pediatric', [0.5, 1, 6]),
  vaccine('119', 'rotavirus, monovalent', [2, 4]),
  vaccine('20', 'DTaP', [2, 4, 6, 15, 48]),
  vaccine('49', 'Hib (PRP-OMP)', [2, 4, 12]),
  vaccine('133', 'Pneumococcal conjugate PCV 13', [2, 4, 6, 12]),
  vaccine('10', 'IPV', [2, 4, 6, 48]),
  vaccine('03', 'MMR', [12, 48]),
  vaccine('21', 'varicella', [12, 48]),
  vaccine('83', 'Hep A, ped/adol, 2 dose', [12, 18]),
  vaccine('115', 'Tdap', [132]),
  vaccine('165', 'HPV9', [132, 144], 0.7),
  vaccine('114', 'meningococcal MCV4P', [132, 192], 0.8),
  vaccine(
    '113',
    'Td (adult), 2 Lf tetanus toxoid, preservative free, adsorbed',
    [252, 372, 492, 612, 732, 852],
    0.7,
  ),
  vaccine('187', 'zoster recombinant', [600, 604], 0.55),
  vaccine('33', 'pneumococcal polysaccharide PPV23', [780], 0.7),
]
const influenza = vaccine('140', 'Influenza, seasonal, injectable, preservative free', [], 0.45)

const intramuscular = hl7('v3-RouteOfAdministration', 'IM', 'Injection, intramuscular')
const leftArm = hl7('v3-ActSite', 'LA', 'left arm')
const objection = snomed('310376006', 'Immunization consent not given')

type Dose = { readonly vaccine: Vaccine; readonly number?: number; readonly due: Time }

/** Doses that fall into the time in which the hospital knows the patient, in the order in which they are due. */
const dosesDue = (chart: Chart, from: Time): Dose[] => {
  const random = chart.random.fork('vaccination')
  const doses: Dose[] = []
  const dueIn = (due: Time): boolean => due >= from - 0.2 * year && due < chart.end
  for (const item of vaccines) {
    const willing = random.chance(item.uptake)
    for (const [i, months] of item.months.entries()) {
      const due = chart.person.birth + (months / 12) * year
      if (willing && dueIn(due)) doses.push({ vaccine: item, number: i + 1, due })
    }
  }
  for (let due = chart.end - 6 * year; due < chart.end; due += year) {
    if (dueIn(due) && due > chart.person.birth + 0.5 * year && random.chance(influenza.uptake))
      doses.push({ vaccine: influenza, due })
  }
  return doses.sort((a, b) => a.due - b.due)
}

/** Each dose is given at the first wellness visit at which it is due, if there is one within the next year. */
export const writeImmunizations = (chart: Chart, visits: readonly Attended[]): void => {
  const check = visits.filter(({ visit }) => visit.kind === 'wellness')
  const [first] = check
  if (first === undefined) return
  for (const dose of dosesDue(chart, first.visit.start)) {
    const attended = check.find(
      ({ visit }) => visit.start >= dose.due - 0.05 * year && visit.start < dose.due + year,
    )
    if (attended !== undefined) writeDose(chart, attended, dose)
  }
}

/** The lot that the hospital uses in a quarter. */
const lotOf = (seed: number, code: string, at: Time): { lot: string; expires: Time } => {
  const quarter = Math.floor(at / (year / 4))
  const random = createRandom(seed).fork(`lot ${code} ${quarter}`)
  const lot = `${String.fromCharCode(random.int(65, 90), random.int(65, 90))}${random.int(1000, 9999)}`
  return { lot, expires: (quarter + random.int(3, 8)) * (year / 4) }
}

const writeDose = (chart: Chart, attended: Attended, { vaccine: { code }, number }: Dose): void => {
  const at = attended.visit.start + 15 * minute
  const refused = attended.random.chance(0.015)
  const { lot, expires } = lotOf(chart.hospital.seed, code.coding![0]!.code!, at)
  const given = {
    lotNumber: lot,
    expirationDate: toDate(expires),
    site: leftArm,
    route: intramuscular,
    doseQuantity: ucum(0.5, 'mL'),
    performer: [
      { function: hl7('v2-0443', 'AP', 'Administering Provider'), actor: attended.nurse.reference },
    ],
    ...(number === undefined ? {} : { protocolApplied: [{ doseNumberPositiveInt: number }] }),
  }
  chart.add({
    resourceType: 'Immunization',
    id: chart.newId(),
    status: refused ? 'not-done' : 'completed',
    ...(refused ? { statusReason: objection } : {}),
    vaccineCode: code,
    patient: chart.subject,
    encounter: attended.encounter,
    occurrenceDateTime: toDateTime(at),
    recorded: toDateTime(at),
    primarySource: true,
    location: chart.hospital.to('Location', `clinic-${attended.specialty}`),
    ...(refused ? {} : given),
  })
}
