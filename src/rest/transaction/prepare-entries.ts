/** Puts the final links into resources and makes their index rows: http://hl7.org/fhir/R4/http.html#trules */
import type { Ctx } from '../../access/ctx.ts'
import type { Issue } from '../../base/issue.ts'
import { rewriteLinks } from '../../fhir/links.ts'
import type { Validated } from '../../validation/model.ts'
import type { House } from '../house.ts'
import { type Prepared, prepare } from '../prepare.ts'
import { accepted, settleCodes, validateOne } from '../validity.ts'
import { createBreath } from './breathe.ts'
import { linkMap, targetOf } from './links.ts'
import { forEachEntry, type Place } from './place.ts'
import type { SettledEntry } from './settle.ts'

/** `prepared` is absent for a patch, which needs what is there, and for what stays as it is. */
export type PreparedEntry = SettledEntry & {
  readonly prepared?: Prepared
  /** Whether what is prepared has the structure that was checked when it was read. */
  readonly isSound?: boolean
  /** What was found in the content that does not refuse it. */
  readonly findings?: readonly Issue[]
}

/** Puts the final links into each resource and makes its index rows; into what was parsed itself where that is `owned`. */
export const prepareEntries = async (
  house: House,
  ctx: Ctx,
  settled: readonly SettledEntry[],
  conditional: ReadonlyMap<string, string>,
  place: Place,
  owned: 'owned' | 'shared',
): Promise<PreparedEntry[]> => {
  const map = linkMap(settled, place)
  const prepared: PreparedEntry[] = []
  const prepareOne = (entry: SettledEntry): void => {
    const { json, act, fullUrl, key } = entry
    if (!json || act === 'keep') {
      prepared.push(entry)
      return
    }
    const { text, value, isReread } = rewriteLinks(
      house.definitions,
      json,
      targetOf(map, conditional, fullUrl),
      owned,
    )
    const linked = { text, value, members: json.members }
    prepared.push({
      ...entry,
      prepared: prepare(house, ctx, linked, key.type),
      isSound: !isReread,
    })
  }
  await forEachEntry(settled, place, prepareOne, createBreath())
  return judged(house, ctx, prepared, place)
}

/** Judges all contents together, as the database is then asked once for the codes of all. */
const judged = async (
  house: House,
  ctx: Ctx,
  entries: readonly PreparedEntry[],
  place: Place,
): Promise<PreparedEntry[]> => {
  if (!house.validity) return [...entries]
  const judge = house.validity(ctx)
  const breathe = createBreath()
  const found: Validated[] = []
  for (const { prepared, isSound = false } of entries) {
    const pause = breathe()
    if (pause) await pause
    if (prepared) found.push(validateOne(judge, { type: prepared.type, json: prepared.json, isSound }))
  }
  const judgements = (await settleCodes(judge, found)).values()
  const done: PreparedEntry[] = []
  await forEachEntry(entries, place, (entry) => {
    done.push(entry.prepared ? { ...entry, findings: accepted(judgements.next().value!) } : entry)
  })
  return done
}
