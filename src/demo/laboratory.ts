/** Laboratory orders, results with reference ranges, and reports: http://hl7.org/fhir/R4/diagnosticreport.html */
import type { CodeableConcept, Observation, Reference } from 'fhir/r4.js'
import { type Analyte, type AnalyteKey, analytes, type PanelKey, panels } from './analytes.ts'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { hl7, round, snomed, ucum } from './coding.ts'
import type { Sex } from './names.ts'
import { laboratory, observation } from './observations.ts'
import { ageAt, hour, minute, type Time, toDateTime } from './time.ts'
import { fading } from './vitals.ts'

const flag = (code: string, display: string): CodeableConcept =>
  hl7('v3-ObservationInterpretation', code, display)
const flags = {
  normal: flag('N', 'Normal'),
  low: flag('L', 'Low'),
  high: flag('H', 'High'),
  criticallyLow: flag('LL', 'Critical low'),
  criticallyHigh: flag('HH', 'Critical high'),
}
const laboratoryService = hl7('v2-0074', 'LAB', 'Laboratory')
const laboratoryProcedure = snomed('108252007', 'Laboratory procedure')

type Values = Map<AnalyteKey, number>

/** Analytes that are calculated from others of the same panel, or from the body as a whole. */
const derived: {
  readonly [key in AnalyteKey]?: (
    values: Values,
    measure: (key: string) => number,
    chart: Chart,
    at: Time,
  ) => number
} = {
  hematocrit: (values) => values.get('hemoglobin')! * 2.98,
  mcv: (values) => (values.get('hematocrit')! / values.get('erythrocytes')!) * 10,
  mch: (values) => (values.get('hemoglobin')! / values.get('erythrocytes')!) * 10,
  mchc: (values) => (values.get('hemoglobin')! / values.get('hematocrit')!) * 100,
  // Friedewald's equation, which does not hold above 400 mg/dL of triglycerides.
  ldl: (values) =>
    values.get('triglycerides')! > 400
      ? Number.NaN
      : values.get('cholesterol')! - values.get('hdl')! - values.get('triglycerides')! / 5,
  // The mean glucose of three months by which the ADAG study calibrates HbA1c.
  hba1c: (_values, measure) => (((measure('glucose') + measure('glucose')) / 2) * 1.06 + 46.7) / 28.7,
  filtration: (values, _measure, chart, at) =>
    filtration(values.get('creatinine')!, ageAt(chart.person.birth, at), chart.person.sex),
}

/** CKD-EPI 2021, in mL/min/1.73 m². */
const filtration = (creatinine: number, age: number, sex: Sex): number => {
  const [kappa, alpha, factor] = sex === 'female' ? [0.7, -0.241, 1.012] : [0.9, -0.302, 1]
  const ratio = creatinine / kappa
  return 142 * Math.min(ratio, 1) ** alpha * Math.max(ratio, 1) ** -1.2 * 0.9938 ** age * factor
}

const interpret = ({ critical, range }: Analyte, value: number, sex: Sex): CodeableConcept => {
  const [low, high] = range[sex]
  if (critical !== undefined && value < critical[0]) return flags.criticallyLow
  if (critical !== undefined && value > critical[1]) return flags.criticallyHigh
  if (value < low) return flags.low
  return value > high ? flags.high : flags.normal
}

const referenceRange = (
  { range, unit, digits }: Analyte,
  sex: Sex,
): NonNullable<Observation['referenceRange']> => {
  const [low, high] = range[sex]
  const text =
    high === Number.POSITIVE_INFINITY
      ? `≥ ${low.toFixed(digits)}`
      : `${low.toFixed(digits)} – ${high.toFixed(digits)}`
  return [
    {
      ...(low > 0 ? { low: ucum(low, unit) } : {}),
      ...(high < Number.POSITIVE_INFINITY ? { high: ucum(high, unit) } : {}),
      text,
    },
  ]
}

/** Orders a panel, measures it and reports it. Young children are spared the needle unless they are ill. */
export const writePanel = (chart: Chart, attended: Attended, key: PanelKey, at: Time): void => {
  const panel: { concept: CodeableConcept; analytes: readonly AnalyteKey[] } = panels[key]
  const order = writeOrder(chart, attended, panel.concept, at - 10 * minute)
  const measure = (what: string): number =>
    chart.body.measure(what, at, attended.random, fading(attended, at))
  const values: Values = new Map()
  const abnormal: string[] = []
  const result: Reference[] = []
  const single = panel.analytes.length === 1
  for (const name of panel.analytes) {
    const analyte: Analyte = analytes[name]
    const raw = derived[name]?.(values, measure, chart, at) ?? measure(name)
    if (Number.isNaN(raw)) continue
    const value = round(Math.max(raw, 10 ** -analyte.digits), analyte.digits)
    values.set(name, value)
    const interpretation = interpret(analyte, value, chart.person.sex)
    if (interpretation !== flags.normal) abnormal.push(analyte.concept.text!)
    result.push(
      chart.add({
        ...observation(
          chart,
          attended,
          laboratory,
          analyte.concept,
          at,
          chart.hospital.to('Organization', 'hospital', chart.hospital.name),
        ),
        ...(single ? { basedOn: [order] } : {}),
        issued: toDateTime(at + 2 * hour),
        valueQuantity: ucum(value, analyte.unit),
        interpretation: [interpretation],
        referenceRange: referenceRange(analyte, chart.person.sex),
      }),
    )
  }
  chart.add({
    resourceType: 'DiagnosticReport',
    id: chart.newId(),
    basedOn: [order],
    status: 'final',
    category: [laboratoryService],
    code: panel.concept,
    subject: chart.subject,
    encounter: attended.encounter,
    effectiveDateTime: toDateTime(at),
    issued: toDateTime(at + 2 * hour),
    performer: [chart.hospital.to('Organization', 'hospital', chart.hospital.name)],
    result,
    conclusion:
      abnormal.length === 0
        ? 'All values within the reference range.'
        : `Outside of the reference range: ${abnormal.join('; ')}.`,
  })
}

const writeOrder = (chart: Chart, attended: Attended, code: CodeableConcept, at: Time): Reference =>
  chart.add({
    resourceType: 'ServiceRequest',
    id: chart.newId(),
    status: 'completed',
    intent: 'order',
    category: [laboratoryProcedure],
    code,
    subject: chart.subject,
    encounter: attended.encounter,
    authoredOn: toDateTime(Math.max(at, attended.visit.start)),
    requester: attended.doctor.reference,
    ...(attended.findings.length > 0 ? { reasonReference: [attended.findings[0]!.condition] } : {}),
  })
