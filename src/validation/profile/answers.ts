/** One answer against its question: type, options, length: http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.type */
import type { QuestionnaireItem } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { bindingCheck } from './binding.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { capital } from './tree.ts'
import { isPlain, isSame } from './values.ts'

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
  if (question.type === 'open-choice' && type === 'string') return
  options(question, value, place, run)
}

/** A choice may be among values of other types than Coding. */
const optionTypes = ({ type, answerOption }: QuestionnaireItem): readonly string[] | undefined => {
  if (type !== 'choice' || !answerOption) return undefined
  const all = ['Coding', 'integer', 'date', 'time', 'string', 'Reference']
  return all.filter((each) => answerOption.some((option) => `value${capital(each)}` in option))
}

const options = (question: QuestionnaireItem, value: JsonValue, place: Place, run: Judgement): void => {
  const { answerOption, answerValueSet } = question
  if (
    answerOption &&
    !answerOption.some((option) =>
      Object.entries(option).some(([name, each]) => name.startsWith('value') && isChosen(value, each)),
    )
  )
    run.error('code-invalid', 'response-option', place, 'is none of the options of the question.')
  if (answerValueSet && place.type === 'Coding' && !answerValueSet.startsWith('#'))
    bindingCheck({
      strength: question.type === 'choice' ? 'required' : 'extensible',
      valueSet: answerValueSet,
    })?.(value, undefined, place, run)
}

/** Codings are the same by system and code. */
const isChosen = (value: JsonValue, option: unknown): boolean => {
  if (!isPlain(option) || !isPlain(value)) return isSame(value, option)
  if (option.reference !== undefined) return value.reference === option.reference
  return value.code === option.code && (value.system === option.system || option.system === undefined)
}
