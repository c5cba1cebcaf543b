/** Checks the entries before the database is asked anything: http://hl7.org/fhir/R4/http.html#trules */
import type { Ctx } from '../../access/ctx.ts'
import { checkPermitted } from '../guard/permitted.ts'
import type { House } from '../house.ts'
import { refuseChange } from '../perform-operation.ts'
import { checkTarget } from '../pipeline.ts'
import { checkStructure } from '../prepare.ts'
import { checkConditions } from '../steps/known-conditions.ts'
import { checkQuery } from '../steps/known-query.ts'
import { createBreath } from './breathe.ts'
import type { Entry } from './entry.ts'
import { forEachEntry, type Place } from './place.ts'
import { countUpdates, entryCondition, isConditional, isWriting, type ParsedEntry } from './settle.ts'

/** What the pipeline checks first for a request that comes alone; a condition's query is read where it is understood. */
const checkAsked = (house: House, ctx: Ctx, entry: Entry): void => {
  const { request } = entry
  checkTarget(request)
  checkPermitted(house, ctx, request)
  if (request.interaction === 'operation') refuseChange(house, request)
  if (!isWriting(entry)) return
  if (request.id !== undefined || request.interaction === 'create') checkQuery(request)
  checkConditions(request)
}

const conditional = /"reference"\s*:\s*"[A-Z][A-Za-z]*\?/

/** Whether what is written depends on what the database has, or on what other entries say. */
const isDecided = ({ request, resource }: Entry): boolean =>
  request.interaction === 'delete' ||
  isConditional(request) ||
  (resource?.text.includes('?') === true && conditional.test(resource.text))

/**
 * Checks what is asked and understands every condition, before the database is asked anything. Where a decision needs
 * them, all resources are parsed and checked for it; else each is read with its final links when its turn comes.
 */
export const parseEntries = async (
  house: House,
  ctx: Ctx,
  entries: readonly Entry[],
  place: Place,
): Promise<ParsedEntry[]> => {
  const parsed: ParsedEntry[] = []
  const updates = countUpdates(entries)
  const isEarly = entries.some(isDecided)
  const parse = (entry: Entry): void | Promise<void> => {
    checkAsked(house, ctx, entry)
    const json = isEarly ? entry.resource?.parse() : undefined
    if (json) checkStructure(house, ctx, json, entry.request.type ?? '')
    const understood = json ? { ...entry, json } : entry
    const condition = isWriting(entry) ? entryCondition(house, ctx, entry, updates) : undefined
    if (condition) return condition.then((condition) => void parsed.push({ ...understood, condition }))
    parsed.push(understood)
  }
  await forEachEntry(entries, place, parse, createBreath())
  return parsed
}
