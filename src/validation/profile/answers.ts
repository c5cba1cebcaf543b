/** One answer against its question: type, options, length: http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.type */
import type { Extension, Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { bindingCheck, inlineBindingCheck } from './binding.ts'
import { compareValues } from './compare.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { capital } from './tree.ts'
import { choiceOf, isPlain, isSame, shown } from './values.ts'

const types: Readonly<Record<string, readonly string[]>> = {
  boolean: ['boolean'],
  decimal: ['decimal'],
  integer: ['integer'],
  date: ['date'],
  dateTime: ['dateTime'],
  time: ['time'],
  string: ['string'],
  text: ['string'],
  url: ['uri'],
  choice: ['Coding'],
  'open-choice': ['Coding', 'string'],
  attachment: ['Attachment'],
  reference: ['Reference'],
  quantity: ['Quantity'],
}

export const answerRule = (
  questionnaire: Questionnaire,
  question: QuestionnaireItem,
  answer: JsonObject,
  up: Place,
  run: Judgement,
): void => {
  const allowed = optionTypes(question) ?? types[question.type] ?? []
  const name = Object.keys(answer).find((key) => key.startsWith('value'))
  if (name === undefined) return
  const type = allowed.find((each) => `value${capital(each)}` === name)
  const place: Place = { up, name: 'value', index: -1, type: type ?? '' }
  if (type === undefined) {
    run.error(
      'structure',
      'response-type',
      place,
      `must be of type ${allowed.join(' or ')} for a question of type ${question.type}.`,
    )
    return
  }
  const value = answer[name] as JsonValue
  if (typeof value === 'string' && question.maxLength !== undefined && value.length > question.maxLength)
    run.error(
      'too-long',
      'response-length',
      place,
      `has ${value.length} characters; at most ${question.maxLength} are allowed.`,
    )
  limits(question, value, place, run)
  if (question.type === 'open-choice' && type === 'string') return
  options(questionnaire, question, value, place, run)
}

const core = 'http://hl7.org/fhir/StructureDefinition/'
const extensionOf = (question: QuestionnaireItem, name: string): Extension | undefined =>
  question.extension?.find(({ url }) => url === core + name)

/** http://hl7.org/fhir/R4/extension-minvalue.html and maxValue. */
const limits = (question: QuestionnaireItem, value: JsonValue, place: Place, run: Judgement): void => {
  for (const [name, wrong, word] of [
    ['minValue', -1, 'least'],
    ['maxValue', 1, 'most'],
  ] as const) {
    const extension = extensionOf(question, name)
    const limit = extension && choiceOf(extension as never, 'value')?.value
    if (limit === undefined || compareValues(value, limit) !== wrong) continue
    run.error('value', 'response-limit', place, `must be at ${word} ${shown(limit)}, as the question says.`)
  }
}

/** How many answers there may be: http://hl7.org/fhir/R4/extension-questionnaire-minoccurs.html and maxOccurs. */
export const occursRule = (
  question: QuestionnaireItem,
  count: number,
  place: Place,
  run: Judgement,
): void => {
  const least = extensionOf(question, 'questionnaire-minOccurs')?.valueInteger
  const most = extensionOf(question, 'questionnaire-maxOccurs')?.valueInteger
  if (most !== undefined && count > most)
    run.error('structure', 'response-occurs', place, `is there ${count} times; at most ${most} are allowed.`)
  if (least !== undefined && count < least && count > 0)
    run.error('required', 'response-occurs', place, `is there ${count} times; at least ${least} are needed.`)
}

/** A choice may be among values of other types than Coding. */
const optionTypes = ({ type, answerOption }: QuestionnaireItem): readonly string[] | undefined => {
  if (type !== 'choice' || !answerOption) return undefined
  const all = ['Coding', 'integer', 'date', 'time', 'string', 'Reference']
  return all.filter((each) => answerOption.some((option) => `value${capital(each)}` in option))
}

const options = (
  questionnaire: Questionnaire,
  question: QuestionnaireItem,
  value: JsonValue,
  place: Place,
  run: Judgement,
): void => {
  const { answerOption, answerValueSet } = question
  if (
    answerOption &&
    !answerOption.some((option) =>
      Object.entries(option).some(([name, each]) => name.startsWith('value') && isChosen(value, each)),
    )
  )
    run.error('code-invalid', 'response-option', place, 'is none of the options of the question.')
  if (!answerValueSet || place.type !== 'Coding') return
  const strength = question.type === 'choice' ? 'required' : 'extensible'
  if (answerValueSet.startsWith('#')) {
    const inline = questionnaire.contained?.find(({ id }) => id === answerValueSet.slice(1))
    if (inline?.resourceType === 'ValueSet')
      inlineBindingCheck(strength, answerValueSet, inline as ValueSet)(value, undefined, place, run)
    else
      run.doubt(
        'not-found',
        'response-option',
        place,
        `could not be checked: the Questionnaire has no ValueSet ${answerValueSet}.`,
      )
    return
  }
  bindingCheck({ strength, valueSet: answerValueSet })?.(value, undefined, place, run)
}

/** Codings are the same by system and code. */
const isChosen = (value: JsonValue, option: unknown): boolean => {
  if (!isPlain(option) || !isPlain(value)) return isSame(value, option)
  if (option.reference !== undefined) return value.reference === option.reference
  return value.code === option.code && (value.system === option.system || option.system === undefined)
}
