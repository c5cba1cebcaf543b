/** Whether the conditions of a question hold in a response: http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen */
import type { QuestionnaireItem, QuestionnaireItemEnableWhen } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { compareValues } from './compare.ts'
import { choiceOf, isPlain, isSame } from './values.ts'

/** Without conditions it is enabled. Of several, all must hold or any. */
export const isEnabled = (
  { enableWhen, enableBehavior }: QuestionnaireItem,
  response: JsonObject,
): boolean => {
  if (!enableWhen || enableWhen.length === 0) return true
  const met = (when: QuestionnaireItemEnableWhen): boolean => isMet(when, response)
  return enableBehavior === 'any' ? enableWhen.some(met) : enableWhen.every(met)
}

const isMet = (when: QuestionnaireItemEnableWhen, response: JsonObject): boolean => {
  const given = answersTo(when.question, response)
  if (when.operator === 'exists') return given.length > 0 === (when.answerBoolean !== false)
  const wanted = choiceOf(when as never, 'answer')?.value
  if (wanted === undefined) return false
  if (when.operator === '!=') return given.length > 0 && !given.some((value) => isEqual(value, wanted))
  return given.some((value) => holdsFor(when.operator, value, wanted))
}

const holdsFor = (operator: string, value: JsonValue, wanted: JsonValue): boolean => {
  if (operator === '=') return isEqual(value, wanted)
  const order = compareValues(value, wanted)
  if (order === undefined) return false
  if (operator === '>') return order > 0
  if (operator === '<') return order < 0
  return operator === '>=' ? order >= 0 : order <= 0
}

/** Codings are equal by system and code, quantities by what the condition says of them. */
const isEqual = (value: JsonValue, wanted: JsonValue): boolean =>
  isPlain(wanted) && isPlain(value)
    ? ['system', 'code', 'value', 'reference'].every(
        (name) => wanted[name] === undefined || wanted[name] === value[name],
      )
    : isSame(value, wanted)

/** The values of all answers to the question, wherever it stands. */
const answersTo = (linkId: string, owner: JsonObject): readonly JsonValue[] =>
  (Array.isArray(owner.item) ? owner.item : []).filter(isPlain).flatMap((item) => {
    const answers = (Array.isArray(item.answer) ? item.answer : []).filter(isPlain)
    const own = item.linkId === linkId ? answers.flatMap(givenIn) : []
    return [...own, ...answersTo(linkId, item), ...answers.flatMap((answer) => answersTo(linkId, answer))]
  })

const givenIn = (answer: JsonObject): readonly JsonValue[] => {
  const found = choiceOf(answer as never, 'value')
  return found ? [found.value] : []
}
