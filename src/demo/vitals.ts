/** Vital signs: http://hl7.org/fhir/R4/observation-vitalsigns.html */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Effects } from './analytes.ts'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { hl7, loinc, round, snomed, ucum } from './coding.ts'
import { observation, socialHistory, vitalSigns } from './observations.ts'
import { atHour, day, minute, type Time, year } from './time.ts'

const bloodPressure = loinc('85354-9', 'Blood pressure panel with all children optional', 'Blood pressure')
const systolic = loinc('8480-6', 'Systolic blood pressure')
const diastolic = loinc('8462-4', 'Diastolic blood pressure')
const weight = loinc('29463-7', 'Body weight')
const height = loinc('8302-2', 'Body height')
const bodyMassIndex = loinc('39156-5', 'Body mass index (BMI) [Ratio]', 'Body mass index')
const smoking = loinc('72166-2', 'Tobacco smoking status')

type Simple = {
  key: string
  code: CodeableConcept
  unit: string
  display: string
  digits: number
  limits: [number, number]
}
const simple = (
  key: string,
  code: string,
  name: string,
  unit: string,
  display: string,
  digits: number,
  limits: [number, number],
): Simple => ({
  key,
  code: loinc(code, name),
  unit,
  display,
  digits,
  limits,
})
const heartRate = simple('heartRate', '8867-4', 'Heart rate', '/min', 'beats/minute', 0, [35, 210])
const respiration = simple('respiration', '9279-1', 'Respiratory rate', '/min', 'breaths/minute', 0, [8, 70])
const temperature = simple('temperature', '8310-5', 'Body temperature', 'Cel', '°C', 1, [34.5, 41.5])
const saturation: Simple = {
  ...simple('oxygen', '2708-6', 'Oxygen saturation in Arterial blood', '%', '%', 0, [70, 100]),
  code: {
    coding: [
      { system: 'http://loinc.org', code: '2708-6', display: 'Oxygen saturation in Arterial blood' },
      {
        system: 'http://loinc.org',
        code: '59408-5',
        display: 'Oxygen saturation in Arterial blood by Pulse oximetry',
      },
    ],
    text: 'Oxygen saturation',
  },
}

const high = hl7('v3-ObservationInterpretation', 'H', 'High')
const normal = hl7('v3-ObservationInterpretation', 'N', 'Normal')

const smokingStatus: Record<Chart['person']['smoker'], CodeableConcept> = {
  never: snomed('266919005', 'Never smoked tobacco'),
  former: snomed('8517006', 'Ex-smoker'),
  current: snomed('449868002', 'Smokes tobacco daily'),
}

/** What a nurse measures at this visit; on a ward twice a day. */
export const writeVitals = (chart: Chart, attended: Attended): void => {
  const { visit, random } = attended
  if (visit.kind === 'video') return
  if (visit.kind === 'inpatient') {
    writeRounds(chart, attended)
    return
  }
  const at = visit.start + 5 * minute
  const ill = visit.kind === 'illness' || visit.kind === 'emergency'
  writePressure(chart, attended, at)
  writeSimple(chart, attended, heartRate, at)
  if (ill) for (const sign of [temperature, respiration, saturation]) writeSimple(chart, attended, sign, at)
  if (visit.kind === 'wellness' || random.chance(0.5))
    writeSize(chart, attended, at, visit.kind === 'wellness')
  if (visit.kind === 'wellness' && at > chart.person.birth + 16 * year) writeSmoking(chart, attended, at)
}

const writeRounds = (chart: Chart, attended: Attended): void => {
  const { visit } = attended
  const end = visit.end ?? chart.now
  writeSize(chart, attended, visit.start + 20 * minute, true)
  for (let date = Math.floor(visit.start / day) * day; date < end; date += day) {
    for (const hours of [7, 19]) {
      const at = atHour(date, hours) + attended.random.int(0, 40) * minute
      if (at < visit.start || at >= end) continue
      writePressure(chart, attended, at)
      for (const sign of [heartRate, temperature, respiration, saturation])
        writeSimple(chart, attended, sign, at)
    }
  }
}

const writeSimple = (chart: Chart, attended: Attended, sign: Simple, at: Time): void => {
  const value = clamp(measured(chart, attended, sign.key, at), sign.limits)
  chart.add({
    ...observation(chart, attended, vitalSigns, sign.code, at, attended.nurse.reference),
    valueQuantity: ucum(round(value, sign.digits), sign.unit, sign.display),
  })
}

const clamp = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, value))

/** An illness fades during the stay. */
const measured = (chart: Chart, attended: Attended, key: string, at: Time): number =>
  chart.body.measure(key, at, attended.random, fading(attended, at))

export const fading = ({ visit }: Attended, at: Time): Effects | undefined => {
  const effects = visit.acute?.effects
  if (effects === undefined || visit.kind !== 'inpatient' || visit.fatal) return effects
  const left = 0.75 ** Math.floor((at - visit.start) / day)
  return Object.fromEntries(Object.entries(effects).map(([key, factor]) => [key, 1 + (factor - 1) * left]))
}

const writePressure = (chart: Chart, attended: Attended, at: Time): void => {
  const upper = Math.round(clamp(measured(chart, attended, 'systolic', at), [60, 230]))
  // The lower value stays clear of the upper one.
  const lower = Math.round(clamp(measured(chart, attended, 'diastolic', at), [30, upper - 18]))
  chart.add({
    ...observation(chart, attended, vitalSigns, bloodPressure, at, attended.nurse.reference),
    interpretation: [upper >= 140 || lower >= 90 ? high : normal],
    component: [
      { code: systolic, valueQuantity: ucum(upper, 'mm[Hg]', 'mmHg') },
      { code: diastolic, valueQuantity: ucum(lower, 'mm[Hg]', 'mmHg') },
    ],
  })
}

/** Height, weight, and the body mass index that follows from the two. */
const writeSize = (chart: Chart, attended: Attended, at: Time, withHeight: boolean): void => {
  const cm = round(measured(chart, attended, 'height', at), 1)
  const kg = round(measured(chart, attended, 'bmi', at) * (cm / 100) ** 2, 1)
  const nurse = attended.nurse.reference
  chart.add({
    ...observation(chart, attended, vitalSigns, weight, at, nurse),
    valueQuantity: ucum(kg, 'kg'),
  })
  if (!withHeight) return
  chart.add({
    ...observation(chart, attended, vitalSigns, height, at, nurse),
    valueQuantity: ucum(cm, 'cm'),
  })
  chart.add({
    ...observation(chart, attended, vitalSigns, bodyMassIndex, at, nurse),
    valueQuantity: ucum(round(kg / (cm / 100) ** 2, 1), 'kg/m2', 'kg/m²'),
  })
}

const writeSmoking = (chart: Chart, attended: Attended, at: Time): void => {
  chart.add({
    ...observation(chart, attended, socialHistory, smoking, at, attended.nurse.reference),
    valueCodeableConcept: smokingStatus[chart.person.smoker],
  })
}
