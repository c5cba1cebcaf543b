/** Questionnaires: ids of items, conditions, and what each type of item may have: http://hl7.org/fhir/R4/questionnaire.html */
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { isPlain } from './values.ts'

type Seen = { readonly item: JsonObject; readonly place: Place }

export const questionnaireRule = (questionnaire: JsonObject, place: Place, run: Judgement): void => {
  const all: Seen[] = []
  gather(questionnaire, place, all)
  const ids = new Set<unknown>()
  for (const { item, place: at } of all) {
    if (ids.has(item.linkId))
      run.error(
        'duplicate',
        'questionnaire-link-id',
        { up: at, name: 'linkId', index: -1, type: 'string' },
        'is the linkId of another item; give each item its own.',
      )
    if (item.linkId !== undefined) ids.add(item.linkId)
  }
  for (const { item, place: at } of all) conditions(item, ids, at, run)
}

const gather = (owner: JsonObject, up: Place, into: Seen[]): void => {
  if (!Array.isArray(owner.item)) return
  for (const [index, item] of owner.item.entries()) {
    if (!isPlain(item)) continue
    const place: Place = { up, name: 'item', index, type: 'Questionnaire.item' }
    into.push({ item, place })
    gather(item, place, into)
  }
}

const conditions = (item: JsonObject, ids: ReadonlySet<unknown>, up: Place, run: Judgement): void => {
  if (!Array.isArray(item.enableWhen)) return
  for (const [index, when] of item.enableWhen.entries()) {
    if (!isPlain(when)) continue
    const at: Place = { up, name: 'enableWhen', index, type: 'Questionnaire.item.enableWhen' }
    const place: Place = { up: at, name: 'question', index: -1, type: 'string' }
    if (when.question === item.linkId)
      run.error(
        'value',
        'questionnaire-enable-when',
        place,
        'is the item itself; an item cannot enable itself.',
      )
    else if (typeof when.question === 'string' && !ids.has(when.question))
      run.error(
        'value',
        'questionnaire-enable-when',
        place,
        'names no item of this Questionnaire; write its linkId.',
      )
  }
}
