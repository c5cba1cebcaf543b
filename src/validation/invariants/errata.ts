/** Published constraints whose expression does not say what their text says, as mended later: https://jira.hl7.org/projects/FHIR */

/** `reason` says what is wrong with the published one and where it was mended. */
export type Erratum = { readonly expression: string; readonly reason: string }

const unanchored = 'matches() finds the pattern anywhere in the text since FHIRPath N1; R5 anchors it.'
const precision =
  'Dates of different precision have no order and make the constraint empty; R5 compares the ends of what they cover.'

/** Not after: what cannot be told is let pass. */
const notAfter = (first: string, second: string): string => `iif(${first} > ${second}, false, true)`

const nameExpression = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')"

/** By the published expression, which also tells a constraint from another of the same key. */
const errata: ReadonlyMap<string, Erratum> = new Map([
  [
    nameExpression,
    {
      expression: "name.exists() implies name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
      reason: `${unanchored} A definition without a name has none that could be unusable (R5: name.exists() implies …).`,
    },
  ],
  [
    String.raw`path.matches('[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')`,
    {
      expression: String.raw`path.matches('^[^\\s\\.,:;\'"/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\'"/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(:[^\\s\\.]+)?)*$')`,
      reason: unanchored,
    },
  ],
  [
    String.raw`path.matches('[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*')`,
    {
      expression: String.raw`path.matches('^[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x\\])?)*$')`,
      reason: unanchored,
    },
  ],
  [
    'start.hasValue().not() or end.hasValue().not() or (start <= end)',
    {
      expression: `start.hasValue().not() or end.hasValue().not() or ${notAfter('start', 'end')}`,
      reason: precision,
    },
  ],
  [
    'whenHandedOver.empty() or whenPrepared.empty() or whenHandedOver >= whenPrepared',
    {
      expression: `whenHandedOver.empty() or whenPrepared.empty() or ${notAfter('whenPrepared', 'whenHandedOver')}`,
      reason: precision,
    },
  ],
  [
    'lastModified.exists().not() or authoredOn.exists().not() or lastModified >= authoredOn',
    {
      expression: `lastModified.exists().not() or authoredOn.exists().not() or ${notAfter('authoredOn', 'lastModified')}`,
      reason: precision,
    },
  ],
  [
    'low.empty() or high.empty() or (low <= high)',
    {
      expression: `low.empty() or high.empty() or ${notAfter('low', 'high')}`,
      reason: 'Quantities without a value, or whose units do not compare, have no order (R5 rewrote rng-2).',
    },
  ],
  [
    "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))",
    {
      expression:
        "reference.hasValue().not() or reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id) or (reference = '#' and %rootResource != %resource)",
      reason:
        'A reference without a literal makes the constraint empty, and a contained resource may refer to its container by # (references.html#contained; R4B).',
    },
  ],
  [
    "operator = 'exists' implies (answer is Boolean)",
    {
      expression: "operator = 'exists' implies (answer is boolean)",
      reason: 'Boolean is the type of System, and an answer is FHIR.boolean; R4B writes boolean.',
    },
  ],
  [
    'enableWhen.count() > 2 implies enableBehavior.exists()',
    {
      expression: 'enableWhen.count() >= 2 implies enableBehavior.exists()',
      reason: 'The text says "more than one enableWhen"; R4B counts from 2.',
    },
  ],
  [
    "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.select($this='problem-list-item').empty()",
    {
      expression:
        "clinicalStatus.exists() or verificationStatus.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-ver-status' and code = 'entered-in-error').exists() or category.coding.where(system='http://terminology.hl7.org/CodeSystem/condition-category' and code='problem-list-item').empty()",
      reason:
        'It compares a CodeableConcept with a text, so that every category counted as problem-list-item; R5 looks at the codings.',
    },
  ],
  [
    "fullUrl.contains('/_history/').not()",
    {
      expression: "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
      reason: 'An entry without fullUrl makes the constraint empty (R4B).',
    },
  ],
  [
    'probability is decimal implies (probability as decimal) <= 100',
    {
      expression:
        'probability.empty() or ((probability is decimal) implies ((probability as decimal) <= 100))',
      reason: 'A prediction without probability makes the constraint empty (R5).',
    },
  ],
  [
    "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))",
    {
      expression:
        "offset.empty() or (when.exists() and when.select($this in ('C' | 'CM' | 'CD' | 'CV')).allFalse())",
      reason: 'in takes a single item, and when repeats (R5).',
    },
  ],
  [
    "Appointment.cancelationReason.exists() implies (Appointment.status='no-show' or Appointment.status='cancelled')",
    {
      expression:
        "Appointment.cancelationReason.exists() implies (Appointment.status='noshow' or Appointment.status='cancelled')",
      reason: 'The code of the status is noshow (R4B).',
    },
  ],
])

/** What to evaluate instead of a published expression; undefined for one that is right. */
export const erratumOf = (expression: string): Erratum | undefined => errata.get(expression)
