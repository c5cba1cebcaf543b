/** Diagnoses: http://hl7.org/fhir/R4/condition.html */
import type { Condition } from 'fhir/r4.js'
import type { Attended, Finding } from './attended.ts'
import { type Chart, urn } from './chart.ts'
import { hl7 } from './coding.ts'
import { day, minute, toDate, toDateTime } from './time.ts'

const active = hl7('condition-clinical', 'active', 'Active')
const resolved = hl7('condition-clinical', 'resolved', 'Resolved')
const confirmed = hl7('condition-ver-status', 'confirmed', 'Confirmed')
const problemList = hl7('condition-category', 'problem-list-item', 'Problem List Item')
const encounterDiagnosis = hl7('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis')

/** Writes the chronic problems that have shown themselves by now, and the acute illness that brings the patient in. */
export const writeDiagnoses = (chart: Chart, attended: Attended): void => {
  const { visit } = attended
  for (const problem of chart.problems) {
    if (problem.onset > visit.start || chart.diagnosed.has(problem)) continue
    const id = chart.newId()
    chart.diagnosed.set(problem, id)
    chart.add({
      ...base(chart, attended, id),
      clinicalStatus: active,
      category: [problemList],
      code: problem.condition.concept,
      onsetDateTime: toDate(problem.onset),
    })
    if (problem !== visit.problem) attended.findings.push(finding(id, problem.condition.concept.text))
  }
  const known = visit.problem === undefined ? undefined : chart.diagnosed.get(visit.problem)
  if (known !== undefined) attended.findings.unshift(finding(known, visit.problem!.condition.concept.text))
  if (visit.acute !== undefined) attended.findings.unshift(writeAcute(chart, attended))
}

const finding = (id: string, name = ''): Finding => ({ condition: { ...urn(id), display: name }, name })

const base = (chart: Chart, attended: Attended, id: string): Omit<Condition, 'code'> & { id: string } => ({
  resourceType: 'Condition',
  id,
  verificationStatus: confirmed,
  subject: chart.subject,
  encounter: attended.encounter,
  recordedDate: toDateTime(attended.visit.start + 10 * minute),
  recorder: attended.doctor.reference,
})

const writeAcute = (chart: Chart, attended: Attended): Finding => {
  const { visit, random } = attended
  const acute = visit.acute!
  const id = chart.newId()
  const onset = Math.max(chart.person.birth, visit.start - (acute.began ?? random.int(0, 4)) * day)
  const over = Math.max(
    visit.start + Math.ceil(acute.lasts * random.between(0.7, 1.4)) * day,
    visit.end ?? chart.end,
  )
  const isOver = over <= chart.end && visit.end !== undefined && visit.fatal === undefined
  chart.add({
    ...base(chart, attended, id),
    clinicalStatus: isOver ? resolved : active,
    category: [encounterDiagnosis],
    code: acute.concept,
    onsetDateTime: toDate(onset),
    ...(isOver ? { abatementDateTime: toDate(over) } : {}),
  })
  return finding(id, acute.concept.text)
}
