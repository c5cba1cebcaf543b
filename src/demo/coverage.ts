/** Who pays: http://hl7.org/fhir/R4/coverage.html */
import type { Reference } from 'fhir/r4.js'
import type { Chart } from './chart.ts'
import { hl7, hl7Coding } from './coding.ts'
import { type Insurer, insurers } from './hospital.ts'
import { toDate, year } from './time.ts'

export type Cover = { readonly coverage: Reference; readonly insurer: Insurer }

const privateInsurance = hl7('v3-ActCode', 'EHCPOL', 'extended healthcare')
const publicInsurance = hl7('v3-ActCode', 'PUBLICPOL', 'public healthcare')
const self = hl7('subscriber-relationship', 'self', 'Self')
const child = hl7('subscriber-relationship', 'child', 'Child')

/** One policy; in former years one in five was with another company. */
export const writeCoverage = (chart: Chart, parent: string | undefined): Cover => {
  const random = chart.random.fork('coverage')
  const change = Math.max(chart.person.birth, chart.end - random.between(1, 4) * year)
  const current = random.weighted(insurers)
  const former = random.weighted(insurers)
  if (former !== current && random.chance(0.3) && change > chart.person.birth) {
    const begin = Math.max(chart.person.birth, change - 5 * year)
    writePolicy(chart, former, parent, { start: toDate(begin), end: toDate(change) }, 'cancelled')
  }
  const period = {
    start: toDate(change),
    ...(chart.person.died === undefined ? {} : { end: toDate(chart.end) }),
  }
  const status = chart.person.died === undefined ? 'active' : 'cancelled'
  return { coverage: writePolicy(chart, current, parent, period, status), insurer: current }
}

const writePolicy = (
  chart: Chart,
  insurer: Insurer,
  parent: string | undefined,
  period: { start: string; end?: string },
  status: 'active' | 'cancelled',
): Reference => {
  const number = `${insurer.key.slice(0, 3).toUpperCase()}${String(chart.person.index + 1).padStart(8, '0')}`
  return chart.add({
    resourceType: 'Coverage',
    id: chart.newId(),
    status,
    type: insurer.key === 'public' ? publicInsurance : privateInsurance,
    policyHolder: parent === undefined ? chart.subject : { reference: parent },
    subscriber: parent === undefined ? chart.subject : { reference: parent },
    subscriberId: number,
    beneficiary: chart.subject,
    relationship: parent === undefined ? self : child,
    period,
    payor: [chart.hospital.to('Organization', `insurer-${insurer.key}`, insurer.name)],
    class: [
      {
        type: { coding: [hl7Coding('coverage-class', 'plan', 'Plan')] },
        value: insurer.key,
        name: insurer.plan,
      },
    ],
  })
}
