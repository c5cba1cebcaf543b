/** Bills and what the insurer pays: http://hl7.org/fhir/R4/claim.html, http://hl7.org/fhir/R4/explanationofbenefit.html */
import type { ClaimItem, CodeableConcept, ExplanationOfBenefitItemAdjudication, Money } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import { type Chart, urn } from './chart.ts'
import { hl7, round } from './coding.ts'
import type { Cover } from './coverage.ts'
import { encounterTypes } from './encounters.ts'
import { day, type Time, toDateTime, year } from './time.ts'

const institutional = hl7('claim-type', 'institutional', 'Institutional')
const professional = hl7('claim-type', 'professional', 'Professional')
const normalPriority = hl7('processpriority', 'normal', 'Normal')
const adjudication = (code: string, display: string): CodeableConcept => hl7('adjudication', code, display)
const submitted = adjudication('submitted', 'Submitted Amount')
const copay = adjudication('copay', 'CoPay')
const benefit = adjudication('benefit', 'Benefit Amount')

const prices = {
  wellness: 140,
  'follow-up': 120,
  video: 70,
  illness: 110,
  emergency: 620,
  inpatient: 900,
} as const

const usd = (value: number): Money => ({ value: round(value, 2), currency: 'USD' })

/** How far back the bills reach. */
const kept = 2 * year

/** A claim for every finished visit of the last two years; the answer comes within five weeks. */
export const writeClaim = (chart: Chart, attended: Attended, cover: Cover): void => {
  const { visit, random } = attended
  if (visit.end === undefined || visit.start < chart.now - kept) return
  const days = visit.kind === 'inpatient' ? Math.max(1, Math.ceil((visit.end - visit.start) / day)) : 1
  const unit = round(prices[visit.kind] * random.between(0.8, 1.5), 2)
  const created = visit.end + random.int(1, 5) * day
  if (created > chart.now) return
  const item = itemOf(attended, unit, days)
  const claim = writeBill(chart, attended, cover, item, created)
  const answered = created + random.int(6, 30) * day
  if (answered < chart.now) writeBenefit(chart, attended, cover, item, { claim, created, answered })
}

const itemOf = (attended: Attended, unit: number, days: number): ClaimItem & { net: Money } => ({
  sequence: 1,
  ...(attended.findings.length > 0 ? { diagnosisSequence: [1] } : {}),
  productOrService: encounterTypes[attended.visit.kind],
  servicedPeriod: { start: toDateTime(attended.visit.start), end: toDateTime(attended.visit.end!) },
  quantity: { value: days },
  unitPrice: usd(unit),
  net: usd(unit * days),
  encounter: [attended.encounter],
})

const shared = (chart: Chart, attended: Attended, cover: Cover, created: Time) => ({
  status: 'active' as const,
  type: attended.visit.kind === 'inpatient' ? institutional : professional,
  use: 'claim' as const,
  patient: chart.subject,
  billablePeriod: { start: toDateTime(attended.visit.start), end: toDateTime(attended.visit.end!) },
  created: toDateTime(created),
  insurer: chart.hospital.to('Organization', `insurer-${cover.insurer.key}`, cover.insurer.name),
  provider: chart.hospital.to('Organization', 'hospital', chart.hospital.name),
  diagnosis: attended.findings
    .slice(0, 3)
    .map(({ condition }, i) => ({ sequence: i + 1, diagnosisReference: condition })),
})

const withoutEmpty = <T extends { diagnosis: unknown[] }>(resource: T): T => {
  if (resource.diagnosis.length > 0) return resource
  const { diagnosis: _, ...rest } = resource
  return rest as T
}

const writeBill = (
  chart: Chart,
  attended: Attended,
  cover: Cover,
  item: ClaimItem & { net: Money },
  created: Time,
): string => {
  const id = chart.newId()
  chart.add(
    withoutEmpty({
      resourceType: 'Claim' as const,
      id,
      ...shared(chart, attended, cover, created),
      priority: normalPriority,
      insurance: [{ sequence: 1, focal: true, coverage: cover.coverage }],
      item: [item],
      total: item.net,
    }),
  )
  return id
}

const writeBenefit = (
  chart: Chart,
  attended: Attended,
  cover: Cover,
  item: ClaimItem & { net: Money },
  about: { claim: string; created: Time; answered: Time },
): void => {
  const net = item.net.value!
  const own = Math.min(net, round(net * attended.random.pick([0, 0.1, 0.2]), 2))
  const amounts: ExplanationOfBenefitItemAdjudication[] = [
    { category: submitted, amount: usd(net) },
    { category: copay, amount: usd(own) },
    { category: benefit, amount: usd(net - own) },
  ]
  chart.add(
    withoutEmpty({
      resourceType: 'ExplanationOfBenefit' as const,
      id: chart.newId(),
      ...shared(chart, attended, cover, about.answered),
      claim: urn(about.claim),
      outcome: 'complete' as const,
      insurance: [{ focal: true, coverage: cover.coverage }],
      item: [{ ...item, adjudication: amounts }],
      total: amounts.map(({ category, amount }) => ({ category, amount: amount! })),
      payment: { amount: usd(net - own) },
    }),
  )
}
