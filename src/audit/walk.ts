/** Goes along the log from a place, in stretches, and ends where it would take too long. */
import { type Problem, tooCostly } from '../base/problem.ts'
import type { RowCondition } from '../search/index.ts'
import type { AuditPage } from '../store/index.ts'
import type { Asked } from './asked.ts'
import { met } from './met.ts'
import type { Seen } from './seen.ts'
import type { Viewer } from './viewer.ts'

/** Events that a search looks through in the database, and reads as resources, at most. */
export const mostLooked = 100_000
export const mostRead = 20_000

/** Events that are looked through at once, after a first few. */
const stretch = 2000

/** From the first event on. */
export const everything: AuditPage = { order: 'came', ascending: true, limit: stretch }

const help =
  'Add what leads to few of them: date or _lastUpdated, patient, agent, entity with a reference, _id, or an outcome other than 0.'

/** `what` would have to be done, in a sentence. */
export const tooMany = (what: string): Problem => tooCostly(`${what} ${help}`)

/** The matches in the order of an index, a stretch at a time. A refusal names `what` went along. */
export async function* walk(
  viewer: Viewer,
  where: readonly RowCondition[],
  asked: Asked,
  page: AuditPage,
  what = 'This search',
): AsyncGenerator<readonly Seen[]> {
  const { log, ctx } = viewer
  let [looked, read] = [0, 0]
  for (let next = page; ; ) {
    const found = await log.look(ctx.tenant, asked, next, ctx)
    looked += found.looked
    read += found.entries.filter(({ sure }) => !sure).length
    yield await met(viewer, found.entries, where, asked.links)
    if (!found.last) return
    if (looked >= mostLooked || read >= mostRead)
      throw tooMany(
        `${what} looked through ${looked} events, read ${read} of them, and has not come to its end.`,
      )
    next = { ...page, limit: stretch, after: found.last }
  }
}
