/** Codes against the value sets that elements are bound to: http://hl7.org/fhir/R4/terminologies.html#binding */
import type { ElementDefinitionBinding, ValueSet } from 'fhir/r4.js'
import type { Issue, Severity } from '../../base/issue.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { CodedValue, CodeQuestion, Membership, MembershipTest } from '../../terminology/model.ts'
import type { Check, Judgement } from './kinds.ts'
import { expressionOf, type Place } from './place.ts'
import { isPlain } from './values.ts'

type Strength = 'required' | 'extensible'
type Bound = { readonly strength: Strength; readonly valueSet: string; readonly inline?: ValueSet }

const maxValueSet = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet'
const bare = new Set(['code', 'uri', 'url', 'canonical', 'string', 'id', 'oid', 'markdown'])

/** Undefined where the binding cannot be broken: preferred and example ones, and those without value set. */
export const bindingCheck = (binding: ElementDefinitionBinding | undefined): Check | undefined => {
  const bounds = boundsOf(binding)
  if (bounds.length === 0) return undefined
  return (value, _sibling, place, run) => {
    for (const bound of bounds) judge(value, place, run, bound)
  }
}

/** The same for a value set that is at hand and has no canonical. `name` is for messages. */
export const inlineBindingCheck =
  (strength: Strength, name: string, inline: ValueSet): Check =>
  (value, _sibling, place, run) =>
    judge(value, place, run, { strength, valueSet: name, inline })

const boundsOf = (binding: ElementDefinitionBinding | undefined): readonly Bound[] => {
  if (!binding) return []
  const { strength, valueSet } = binding
  const bounds: Bound[] = []
  if (valueSet && (strength === 'required' || strength === 'extensible')) bounds.push({ strength, valueSet })
  const most = binding.extension?.find(({ url }) => url === maxValueSet)
  const url = most?.valueCanonical ?? most?.valueUri
  if (url && url !== valueSet) bounds.push({ strength: 'required', valueSet: url })
  return bounds
}

/** Short names of FHIR's formats, which R4 writes where it asks for media types (http://hl7.org/fhir/R4/http.html#parameters). */
const mediaTypes = 'http://hl7.org/fhir/ValueSet/mimetypes'
const formats = new Set(['json', 'xml', 'ttl'])

const judge = (value: unknown, place: Place, run: Judgement, bound: Bound): void => {
  if (typeof value === 'string') {
    if (formats.has(value) && bound.valueSet.startsWith(mediaTypes)) return
    if (bare.has(place.type)) single({ code: value }, true, place, run, bound)
    return
  }
  if (!isPlain(value)) return
  if (place.type === 'CodeableConcept') concept(value, place, run, bound)
  else if (typeof value.code === 'string') single(codedOf(value, place.type), false, place, run, bound)
  else if (bound.strength === 'required' && place.type === 'Coding' && value.extension === undefined)
    run.error('code-invalid', 'binding-required', place, `has no code; it must be one of ${bound.valueSet}.`)
}

const codedOf = (value: JsonObject, type: string): CodedValue => {
  const { system, version, display } = value
  const coded: { -readonly [member in keyof CodedValue]: CodedValue[member] } = { code: value.code as string }
  if (typeof system === 'string') coded.system = system
  if (typeof version === 'string') coded.version = version
  if (type !== 'Quantity' && typeof display === 'string') coded.display = display
  return coded
}

const asked = ({ valueSet, inline }: Bound): Pick<CodeQuestion, 'valueSet' | 'inline'> =>
  inline ? { valueSet, inline } : { valueSet }

const single = (
  value: CodedValue,
  inferSystem: boolean,
  place: Place,
  run: Judgement,
  bound: Bound,
): void => {
  const { valueSet, inline } = bound
  const question: CodeQuestion =
    inline || inferSystem ? { ...asked(bound), value, inferSystem } : { valueSet, value }
  const answer = run.registry.membership.now(question)
  if (answer?.result === 'yes' && isRightDisplay(value.display, answer)) return
  const verdict = (given: Membership): readonly Issue[] => verdictOf([value], [given], place, run, bound)
  if (answer) for (const found of verdict(answer)) run.add(found)
  else run.codes.push({ question, judge: verdict })
}

/** One of the codings must be in the value set. */
const concept = (value: JsonObject, place: Place, run: Judgement, bound: Bound): void => {
  const only = Array.isArray(value.coding) && value.coding.length === 1 ? value.coding[0] : undefined
  if (isPlain(only) && typeof only.code === 'string') {
    single(codedOf(only, 'Coding'), false, place, run, bound)
    return
  }
  const codings = (Array.isArray(value.coding) ? value.coding : []).filter(
    (coding): coding is JsonObject => isPlain(coding) && typeof coding.code === 'string',
  )
  if (codings.length === 0) {
    if (bound.strength === 'required' && value.extension === undefined)
      run.error('code-invalid', 'binding-required', place, `has no code; one must be of ${bound.valueSet}.`)
    return
  }
  const values = codings.map((coding) => codedOf(coding, 'Coding'))
  const answers = values.map((coded) => run.registry.membership.now({ ...asked(bound), value: coded }))
  const finish = (): readonly Issue[] => verdictOf(values, answers as Membership[], place, run, bound)
  if (answers.some((answer) => answer?.result === 'yes') || answers.every((answer) => answer !== undefined)) {
    for (const found of finish()) run.add(found)
    return
  }
  let open = answers.filter((answer) => answer === undefined).length
  for (const [index, coded] of values.entries())
    if (answers[index] === undefined)
      run.codes.push({
        question: { ...asked(bound), value: coded },
        // The last answer makes the verdict of all.
        judge: (answer) => {
          answers[index] = answer
          return --open === 0 ? finish() : []
        },
      })
}

const verdictOf = (
  values: readonly CodedValue[],
  answers: readonly (Membership | undefined)[],
  place: Place,
  run: Judgement,
  bound: Bound,
): readonly Issue[] => {
  const yes = answers.findIndex((answer) => answer?.result === 'yes')
  if (yes >= 0) return displayIssues(values[yes] as CodedValue, answers[yes] as Membership, place)
  const unknown = answers.find((answer) => answer?.result === 'unknown')
  const { strength, valueSet } = bound
  if (unknown?.result === 'unknown') {
    const severity = strength === 'required' && run.options.mode === 'strict' ? 'error' : 'warning'
    return [found(severity, `binding-${strength}`, place, `could not be checked: ${unknown.reason}`)]
  }
  const no = answers.find((answer) => answer?.result === 'no')
  const reason = no?.result === 'no' ? ` ${no.reason}` : ''
  return strength === 'required'
    ? [found('error', 'binding-required', place, `must have a code of ${valueSet}.${reason}`)]
    : [
        found(
          'warning',
          'binding-extensible',
          place,
          `should have a code of ${valueSet}, unless none of it fits.${reason}`,
        ),
      ]
}

/** False when it must be looked at more closely. */
const isRightDisplay = (
  display: string | undefined,
  answer: Extract<Membership, { result: 'yes' }>,
): boolean =>
  display === undefined || display === answer.display || answer.displays?.includes(display) === true

const displayIssues = (value: CodedValue, answer: Membership, place: Place): readonly Issue[] => {
  if (value.display === undefined || answer.result !== 'yes') return []
  const right = answer.displays ?? (answer.display === undefined ? [] : [answer.display])
  if (right.length === 0 || right.some((display) => plain(display) === plain(value.display as string)))
    return []
  const shown = right
    .slice(0, 3)
    .map((display) => `"${display}"`)
    .join(' or ')
  return [
    found(
      'warning',
      'display',
      place,
      `has a display that its code system does not know; expected is ${shown}.`,
    ),
  ]
}

const plain = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase()

const found = (severity: Severity, rule: string, place: Place, sentence: string): Issue => {
  const expression = expressionOf(place)
  return {
    severity,
    code: 'code-invalid',
    diagnostics: `${expression} ${sentence}`,
    expression: [expression],
    rule,
  }
}

/** For `memberOf()`: undefined when memory cannot tell. */
export const isMember = (
  value: unknown,
  valueSet: string,
  membership: MembershipTest,
): boolean | undefined => {
  const answers = codesOf(value).map(({ inferSystem, ...coded }) =>
    membership.now({ valueSet, value: coded, ...(inferSystem ? { inferSystem } : {}) }),
  )
  if (answers.some((answer) => answer?.result === 'yes')) return true
  return answers.every((answer) => answer?.result === 'no') ? false : undefined
}

const codesOf = (value: unknown): readonly (CodedValue & { readonly inferSystem?: boolean })[] => {
  if (typeof value === 'string') return [{ code: value, inferSystem: true }]
  if (!isPlain(value)) return []
  const codings = Array.isArray(value.coding) ? value.coding : [value]
  return codings
    .filter((each): each is JsonObject => isPlain(each) && typeof each.code === 'string')
    .map((each) => codedOf(each, 'Quantity'))
}
