/** Letters in plain text: discharge summaries and visit notes: http://hl7.org/fhir/R4/documentreference.html */
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { loinc, snomed } from './coding.ts'
import { minute, toDate, toDateTime } from './time.ts'

const dischargeSummary = loinc('18842-5', 'Discharge summary')
const progressNote = loinc('11506-3', 'Progress note')
const clinicalNote = {
  coding: [
    {
      system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category',
      code: 'clinical-note',
      display: 'Clinical Note',
    },
  ],
}
const setting = snomed('394814009', 'General practice (specialty)')

const text = (chart: Chart, attended: Attended, title: string): string => {
  const { visit, doctor, findings } = attended
  const { person } = chart
  return [
    `${chart.hospital.name} · ${title}`,
    `Patient: ${person.name.text}, born ${toDate(person.birth)}`,
    `From ${toDate(visit.start)}${visit.end === undefined ? '' : ` to ${toDate(visit.end)}`}`,
    '',
    findings.length === 0 ? 'No new findings.' : `Assessment: ${findings.map((f) => f.name).join('; ')}.`,
    visit.fatal
      ? 'The patient died during the stay.'
      : 'The patient is in a stable condition and has been advised to return if worse.',
    '',
    `Dr. ${doctor.name.text}`,
    '',
  ].join('\n')
}

/** Every stay that is over has its discharge summary, every fifth visit a note. */
export const writeDocuments = (chart: Chart, attended: Attended): void => {
  const { visit, random } = attended
  if (visit.end === undefined) return
  const stay = visit.kind === 'inpatient'
  if (!stay && !random.chance(0.18)) return
  const title = stay ? 'Discharge summary' : 'Progress note'
  const at = toDateTime(Math.min(visit.end + 20 * minute, chart.now))
  chart.add({
    resourceType: 'DocumentReference',
    id: chart.newId(),
    status: 'current',
    docStatus: 'final',
    type: stay ? dischargeSummary : progressNote,
    category: [clinicalNote],
    subject: chart.subject,
    date: at,
    author: [attended.doctor.reference],
    custodian: chart.hospital.to('Organization', 'hospital', chart.hospital.name),
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en',
          data: Buffer.from(text(chart, attended, title)).toString('base64'),
          title,
          creation: at,
        },
      },
    ],
    context: {
      encounter: [attended.encounter],
      period: { start: toDateTime(visit.start), end: toDateTime(visit.end) },
      practiceSetting: stay ? attended.doctor.specialty.concept : setting,
    },
  })
}
