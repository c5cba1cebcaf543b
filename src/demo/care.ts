/** Care teams, care plans and goals of people with chronic problems: http://hl7.org/fhir/R4/careplan.html */
import type { CodeableConcept, Goal, Reference } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import { type Chart, urn } from './chart.ts'
import { hl7, loinc, snomed, ucum } from './coding.ts'
import type { Problem } from './problems.ts'
import { day, toDate } from './time.ts'

type Plan = {
  readonly category: CodeableConcept
  readonly activities: readonly CodeableConcept[]
  readonly goal: string
  readonly target: Omit<NonNullable<Goal['target']>[number], 'dueDate'>
}

const plans: { readonly [key: string]: Plan } = {
  diabetes: {
    category: snomed('698360004', 'Diabetes self management plan'),
    activities: [snomed('160670007', 'Diabetic diet'), snomed('229065009', 'Exercise therapy')],
    goal: 'Hemoglobin A1c below 7 %',
    target: {
      measure: loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
      detailQuantity: { ...ucum(7, '%'), comparator: '<' },
    },
  },
  hypertension: {
    category: snomed('734163000', 'Care plan'),
    activities: [snomed('183063000', 'Low salt diet education'), snomed('229065009', 'Exercise therapy')],
    goal: 'Systolic blood pressure below 140 mmHg',
    target: {
      measure: loinc('8480-6', 'Systolic blood pressure'),
      detailQuantity: { ...ucum(140, 'mm[Hg]', 'mmHg'), comparator: '<' },
    },
  },
  obesity: {
    category: snomed('734163000', 'Care plan'),
    activities: [snomed('226234005', 'Healthy diet'), snomed('229065009', 'Exercise therapy')],
    goal: 'Body mass index below 30 kg/m²',
    target: {
      measure: loinc('39156-5', 'Body mass index (BMI) [Ratio]'),
      detailQuantity: { ...ucum(30, 'kg/m2', 'kg/m²'), comparator: '<' },
    },
  },
  heartFailure: {
    category: snomed('735984001', 'Heart failure self management plan'),
    activities: [snomed('386619000', 'Low sodium diet'), snomed('385715006', 'Cardiac care')],
    goal: 'Resting heart rate below 80 per minute',
    target: {
      measure: loinc('8867-4', 'Heart rate'),
      detailQuantity: { ...ucum(80, '/min', 'beats/minute'), comparator: '<' },
    },
  },
  copd: {
    category: snomed('412776001', 'Chronic obstructive pulmonary disease clinical management plan'),
    activities: [snomed('15081005', 'Pulmonary rehabilitation'), snomed('229298005', 'Breathing control')],
    goal: 'Oxygen saturation of 92 % or more',
    target: {
      measure: loinc('59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'),
      detailQuantity: { ...ucum(92, '%'), comparator: '>=' },
    },
  },
}

/** One team for a patient with at least two known problems, a plan and a goal for each problem that has one. */
export const writeCare = (chart: Chart, visits: readonly Attended[]): void => {
  if (chart.diagnosed.size < 2 || visits.length === 0) return
  const random = chart.random.fork('care')
  const since = visits[0]!.visit.start
  const team = writeTeam(chart, visits, toDate(since))
  for (const [problem, id] of chart.diagnosed) {
    const plan = plans[problem.condition.key]
    if (plan !== undefined && random.chance(0.6))
      writePlan(chart, problem, plan, urn(id), team, Math.max(since, problem.onset), random.chance(0.4))
  }
}

const writeTeam = (chart: Chart, visits: readonly Attended[], start: string): Reference => {
  const doctors = new Map([[chart.familyDoctor.id, chart.familyDoctor]])
  for (const { doctor, visit } of visits)
    if (visit.kind === 'inpatient' && doctors.size < 4) doctors.set(doctor.id, doctor)
  const ended = chart.person.died === undefined ? {} : { end: toDate(chart.end) }
  return chart.add({
    resourceType: 'CareTeam',
    id: chart.newId(),
    status: chart.person.died === undefined ? 'active' : 'inactive',
    category: [loinc('LA27978-8', 'Condition-focused care team')],
    name: `Care team of ${chart.person.name.text}`,
    subject: chart.subject,
    period: { start, ...ended },
    participant: [
      { role: [snomed('116154003', 'Patient')], member: chart.subject },
      ...[...doctors.values()].map((doctor) => ({
        role: [doctor.specialty.concept],
        member: doctor.reference,
      })),
    ],
    reasonReference: [...chart.diagnosed.values()].map(urn),
    managingOrganization: [chart.hospital.to('Organization', 'hospital', chart.hospital.name)],
  })
}

const writePlan = (
  chart: Chart,
  problem: Problem,
  plan: Plan,
  addresses: Reference,
  team: Reference,
  since: number,
  met: boolean,
): void => {
  const alive = chart.person.died === undefined
  const goal = chart.add({
    resourceType: 'Goal',
    id: chart.newId(),
    lifecycleStatus: alive ? 'active' : 'cancelled',
    achievementStatus: met
      ? hl7('goal-achievement', 'achieved', 'Achieved')
      : hl7('goal-achievement', 'in-progress', 'In Progress'),
    description: { text: plan.goal },
    subject: chart.subject,
    startDate: toDate(since),
    target: [{ ...plan.target, dueDate: toDate(since + 365 * day) }],
    expressedBy: chart.familyDoctor.reference,
    addresses: [addresses],
  })
  chart.add({
    resourceType: 'CarePlan',
    id: chart.newId(),
    status: alive ? 'active' : 'revoked',
    intent: 'plan',
    category: [plan.category],
    title: `Care plan: ${problem.condition.concept.text}`,
    subject: chart.subject,
    period: { start: toDate(since), ...(alive ? {} : { end: toDate(chart.end) }) },
    author: chart.familyDoctor.reference,
    careTeam: [team],
    addresses: [addresses],
    goal: [goal],
    activity: plan.activities.map((code) => ({
      detail: { status: alive ? 'in-progress' : 'stopped', code },
    })),
  })
}
