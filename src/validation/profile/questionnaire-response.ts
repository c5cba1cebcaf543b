/** Answers against the Questionnaire that they answer: http://hl7.org/fhir/R4/questionnaireresponse.html */
import type { Questionnaire, QuestionnaireItem } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { answerRule, occursRule } from './answers.ts'
import { isEnabled } from './enable-when.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { containedWith } from './references.ts'
import { isPlain } from './values.ts'

const finished = new Set(['completed', 'amended'])

export const responseRule = (response: JsonObject, place: Place, run: Judgement): void => {
  const { questionnaire } = response
  if (typeof questionnaire !== 'string') return
  const definition = find(questionnaire, run)
  if (!definition) {
    run.doubt(
      'not-found',
      'questionnaire-unknown',
      { up: place, name: 'questionnaire', index: -1, type: 'canonical' },
      `is ${questionnaire.slice(0, 200)}, which is not loaded; the answers could not be checked.`,
    )
    return
  }
  itemsRule(definition.item ?? [], response, place, {
    response,
    definition,
    complete: finished.has(String(response.status)),
    run,
  })
}

const find = (canonical: string, run: Judgement): Questionnaire | undefined => {
  if (!canonical.startsWith('#')) return run.registry.canonicals.resolve('Questionnaire', canonical)
  const contained = containedWith(run.scope.root, canonical.slice(1))
  return contained?.resourceType === 'Questionnaire' ? (contained as unknown as Questionnaire) : undefined
}

type Response = {
  readonly response: JsonObject
  readonly definition: Questionnaire
  readonly complete: boolean
  readonly run: Judgement
}

/** `owner` is the response, an item or an answer. */
const itemsRule = (
  items: readonly QuestionnaireItem[],
  owner: JsonObject,
  up: Place,
  all: Response,
): void => {
  const { run } = all
  const given = Array.isArray(owner.item) ? owner.item : []
  const byId = new Map<string, number>()
  let last = -1
  for (const [index, item] of given.entries()) {
    if (!isPlain(item) || typeof item.linkId !== 'string') continue
    const place: Place = { up, name: 'item', index, type: 'QuestionnaireResponse.item' }
    const position = items.findIndex(({ linkId }) => linkId === item.linkId)
    const definition = items[position]
    if (!definition) {
      run.error(
        'structure',
        'response-link-id',
        place,
        'has a linkId that the Questionnaire does not have at this place.',
      )
      continue
    }
    if (position < last)
      run.error(
        'structure',
        'response-order',
        place,
        'stands behind an item that the Questionnaire has after it.',
      )
    last = Math.max(last, position)
    byId.set(item.linkId, (byId.get(item.linkId) ?? 0) + 1)
    itemRule(definition, item, place, all)
  }
  for (const definition of items) presence(definition, byId.get(definition.linkId) ?? 0, up, all)
}

const itemRule = (definition: QuestionnaireItem, item: JsonObject, place: Place, all: Response): void => {
  const { run } = all
  const answers = Array.isArray(item.answer) ? item.answer : []
  if (definition.type === 'display')
    run.error(
      'structure',
      'response-display',
      place,
      'is an item to display only; leave it out of the response.',
    )
  if (definition.type === 'group' && answers.length > 0)
    run.error(
      'structure',
      'response-group',
      place,
      'is a group and has no answers of its own; put them into its items.',
    )
  if (answers.length > 0 && !isEnabled(definition, all.response))
    run.error(
      'business-rule',
      'response-disabled',
      place,
      'is answered although its conditions in enableWhen do not hold.',
    )
  if (answers.length > 1 && definition.repeats !== true)
    run.error(
      'structure',
      'response-repeats',
      place,
      `has ${answers.length} answers and the question does not repeat.`,
    )
  if (definition.type !== 'group') occursRule(definition, answers.length, place, run)
  for (const [index, answer] of answers.entries()) {
    if (!isPlain(answer)) continue
    const at: Place = { up: place, name: 'answer', index, type: 'QuestionnaireResponse.item.answer' }
    if (definition.type !== 'group' && definition.type !== 'display')
      answerRule(all.definition, definition, answer, at, run)
    if (definition.item || answer.item !== undefined) itemsRule(definition.item ?? [], answer, at, all)
  }
  if (definition.type === 'group') itemsRule(definition.item ?? [], item, place, all)
}

const presence = (definition: QuestionnaireItem, times: number, up: Place, all: Response): void => {
  const place: Place = { up, name: 'item', index: -1, type: 'QuestionnaireResponse.item' }
  const { linkId, type, repeats, required } = definition
  if (times > 1 && (type !== 'group' || repeats !== true))
    all.run.error(
      'structure',
      'response-repeats',
      place,
      `with linkId "${linkId}" is there ${times} times; ${type === 'group' ? 'the group does not repeat' : 'give all answers in one item'}.`,
    )
  if (type === 'group') occursRule(definition, times, place, all.run)
  if (times > 0 || required !== true || type === 'display' || !all.complete) return
  if (isEnabled(definition, all.response))
    all.run.error(
      'required',
      'response-required',
      place,
      `with linkId "${linkId}" is missing; the Questionnaire requires it.`,
    )
}
