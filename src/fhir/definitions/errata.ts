/** What the definitions package changed in R4, set back to the published text: http://hl7.org/fhir/R4/history.html */
import type { SnapshotElement, StructureDefinition } from './sources.ts'

/** Elements that R4 does not have: the package's own, and those taken from R5. */
const added = new Set([
  'Binary.url',
  'DeviceDefinition.bodySite',
  'DeviceDefinition.classification',
  'EvidenceVariable.characteristic',
  'HealthcareService.offeredIn',
  'Meta.account',
  'Meta.accounts',
  'Meta.author',
  'Meta.compartment',
  'Meta.deleted',
  'Meta.onBehalfOf',
  'Meta.project',
  'ObservationDefinition.publisher',
  'ResearchStudy.associatedParty',
  'ResearchStudy.classifier',
  'ResearchStudy.comparisonGroup',
  'ResearchStudy.descriptionSummary',
  'ResearchStudy.label',
  'ResearchStudy.name',
  'ResearchStudy.objective.description',
  'ResearchStudy.outcomeMeasure',
  'ResearchStudy.progressStatus',
  'ResearchStudy.recruitment',
  'ResearchStudy.region',
  'ResearchStudy.result',
  'ResearchStudy.studyDesign',
  'ResearchStudy.whyStopped',
])

const profile = 'http://hl7.org/fhir/StructureDefinition/'
const optional = (path: string, code: string): SnapshotElement => ({
  path,
  min: 0,
  max: '1',
  type: [{ code }],
})
const any = (path: string, code: string): SnapshotElement => ({ path, min: 0, max: '*', type: [{ code }] })

const characteristic = 'EvidenceVariable.characteristic'

/** http://hl7.org/fhir/R4/evidencevariable-definitions.html#EvidenceVariable.characteristic; R5's stands in the package. */
const evidenceVariable: readonly SnapshotElement[] = [
  { ...any(characteristic, 'BackboneElement'), min: 1, isSummary: true },
  optional(`${characteristic}.id`, 'http://hl7.org/fhirpath/System.String'),
  any(`${characteristic}.extension`, 'Extension'),
  { ...any(`${characteristic}.modifierExtension`, 'Extension'), isSummary: true, isModifier: true },
  optional(`${characteristic}.description`, 'string'),
  {
    path: `${characteristic}.definition[x]`,
    min: 1,
    max: '1',
    type: [
      { code: 'Reference', targetProfile: [`${profile}Group`] },
      { code: 'canonical', targetProfile: [`${profile}ActivityDefinition`] },
      { code: 'CodeableConcept' },
      { code: 'Expression' },
      { code: 'DataRequirement' },
      { code: 'TriggerDefinition' },
    ],
    isSummary: true,
  },
  any(`${characteristic}.usageContext`, 'UsageContext'),
  optional(`${characteristic}.exclude`, 'boolean'),
  {
    path: `${characteristic}.participantEffective[x]`,
    min: 0,
    max: '1',
    type: [{ code: 'dateTime' }, { code: 'Period' }, { code: 'Duration' }, { code: 'Timing' }],
  },
  optional(`${characteristic}.timeFromStart`, 'Duration'),
  {
    ...optional(`${characteristic}.groupMeasure`, 'code'),
    binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure|4.0.1' },
  },
]

/** The definition as R4 published it. */
export const correct = (definition: StructureDefinition): StructureDefinition => {
  const element = definition.snapshot.element
    .filter((candidate) => !isAdded(candidate.path))
    .map(correctElement)
  return {
    ...definition,
    snapshot: {
      element: definition.type === 'EvidenceVariable' ? [...element, ...evidenceVariable] : element,
    },
  }
}

/** With everything below it. */
const isAdded = (path: string): boolean => {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1))
    if (added.has(path.slice(0, end))) return true
  return false
}

const correctElement = (element: SnapshotElement): SnapshotElement => {
  if (element.path === 'Bundle.entry.response.outcome') return { ...element, type: [{ code: 'Resource' }] }
  if (!element.type?.some((type) => type.targetProfile?.some((url) => isForeign(element.path, url))))
    return element
  return {
    ...element,
    type: element.type.map((type) =>
      type.targetProfile === undefined
        ? type
        : { ...type, targetProfile: type.targetProfile.filter((url) => !isForeign(element.path, url)) },
    ),
  }
}

/** Reference targets that are no types of R4, and one that R4 does not allow there. */
const isForeign = (path: string, url: string): boolean =>
  !url.startsWith(profile) || (path === 'AuditEvent.source.observer' && url === `${profile}Subscription`)
