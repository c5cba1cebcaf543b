/** Prescriptions and their renewals: http://hl7.org/fhir/R4/medicationrequest.html */
import type { Dosage, MedicationRequest, Reference } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import { type Chart, urn } from './chart.ts'
import { hl7, ucum } from './coding.ts'
import { formulary, type Medicine, type MedicineKey } from './formulary.ts'
import { day, minute, type Time, toDate, toDateTime } from './time.ts'

/** A prescription of a medicine taken for good is written for a year. */
const term = 365 * day

type Script = {
  readonly id: string
  readonly medicine: Medicine
  readonly at: Time
  readonly until: Time
  readonly attended: Attended
  readonly reason: Reference
  readonly prior?: string
}

/** What a patient has been prescribed so far. Written at the end, when it is known which prescriptions are over. */
export type MedicationList = {
  readonly scripts: Script[]
  readonly latest: Map<MedicineKey, Script>
  readonly avoid: ReadonlySet<string>
}

/** `avoid` are the groups of medicines to which the patient is allergic. */
export const createMedicationList = (avoid: ReadonlySet<string>): MedicationList => ({
  scripts: [],
  latest: new Map(),
  avoid,
})

/** Prescribes for the acute illness, and renews what the chronic problems need. */
export const prescribe = (chart: Chart, list: MedicationList, attended: Attended): void => {
  const { visit } = attended
  if (visit.fatal) return
  for (const key of visit.acute?.medicines ?? [])
    order(chart, list, attended, key, attended.findings[0]!.condition)
  if (visit.kind === 'emergency' || visit.kind === 'illness') return
  for (const [problem, id] of chart.diagnosed) {
    // The second and third medicine come when the disease has lasted for years.
    const steps = 1 + Math.floor((visit.start - problem.onset) / (4 * term))
    for (const key of problem.condition.medicines.slice(0, steps)) order(chart, list, attended, key, urn(id))
  }
}

const order = (
  chart: Chart,
  list: MedicationList,
  attended: Attended,
  wanted: MedicineKey,
  reason: Reference,
): void => {
  const key = instead(list, wanted)
  const medicine: Medicine = formulary[key]
  const at = Math.min((attended.visit.end ?? attended.visit.start + 60 * minute) - 5 * minute, chart.end)
  const prior = list.latest.get(key)
  // Renewed in the last month of its term, not before.
  if (prior !== undefined && at < prior.until - 30 * day) return
  const until = at + (medicine.days === undefined ? term : medicine.days * day)
  const renewal = prior !== undefined && medicine.days === undefined ? { prior: prior.id } : {}
  const script = { id: chart.newId(), medicine, at, until, attended, reason, ...renewal }
  list.scripts.push(script)
  list.latest.set(key, script)
  chart.body.takes(medicine, at, until)
}

const instead = ({ avoid }: MedicationList, key: MedicineKey): MedicineKey => {
  const medicine: Medicine = formulary[key]
  return medicine.group !== undefined && avoid.has(medicine.group) ? 'azithromycin' : key
}

export const writePrescriptions = (chart: Chart, list: MedicationList): void => {
  for (const script of list.scripts) chart.add(medicationRequest(chart, list, script))
}

const statusOf = (chart: Chart, list: MedicationList, script: Script): MedicationRequest['status'] => {
  const renewed = list.scripts.some((other) => other.prior === script.id)
  if (renewed || script.until <= chart.end) return 'completed'
  return chart.person.died === undefined ? 'active' : 'stopped'
}

const category = hl7('medicationrequest-category', 'outpatient', 'Outpatient')
const community = hl7('medicationrequest-category', 'community', 'Community')

const medicationRequest = (
  chart: Chart,
  list: MedicationList,
  script: Script,
): MedicationRequest & { id: string } => {
  const { medicine, attended } = script
  const days = medicine.days ?? 90
  return {
    resourceType: 'MedicationRequest',
    id: script.id,
    status: statusOf(chart, list, script),
    intent: 'order',
    category: [medicine.days === undefined ? community : category],
    medicationCodeableConcept: medicine.concept,
    subject: chart.subject,
    encounter: attended.encounter,
    authoredOn: toDateTime(script.at),
    requester: attended.doctor.reference,
    reasonReference: [script.reason],
    dosageInstruction: [dosage(medicine)],
    dispenseRequest: {
      validityPeriod: { start: toDate(script.at), end: toDate(script.until) },
      numberOfRepeatsAllowed: medicine.days === undefined ? 3 : 0,
      quantity: ucum(
        Math.ceil(days / (medicine.weekly ? 7 : 1)) * medicine.frequency * medicine.dose,
        medicine.unit.code,
        medicine.unit.display,
      ),
      expectedSupplyDuration: ucum(days, 'd', 'days'),
    },
    ...(script.prior === undefined ? {} : { priorPrescription: urn(script.prior) }),
  }
}

const often = ['', 'once', 'twice', 'three times', 'four times']

const dosage = ({ dose, unit, frequency, weekly, asNeeded, route }: Medicine): Dosage => ({
  sequence: 1,
  text: `${dose} ${unit.display}${dose > 1 ? 's' : ''} ${asNeeded ? 'up to ' : ''}${often[frequency]} a ${weekly ? 'week' : 'day'}${asNeeded ? ' as needed' : ''}`,
  timing: { repeat: { frequency, period: 1, periodUnit: weekly ? 'wk' : 'd' } },
  asNeededBoolean: asNeeded ?? false,
  route,
  doseAndRate: [
    {
      type: hl7('dose-rate-type', 'ordered', 'Ordered'),
      doseQuantity: ucum(dose, unit.code, unit.display),
    },
  ],
})
