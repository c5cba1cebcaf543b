/** New resources that arrive while others are being written wait for those, and go together in the next statement. */
import { Problem } from '../base/problem.ts'
import { canShare, createManyStatement, type NewResource } from './create-many.ts'
import type { Database } from './database.ts'
import { StaleDefinitions } from './stale.ts'
import type { ReferencePolicy } from './write.ts'

export type Gathering = {
  /**
   * Writes a resource together with others of the tenant whose rows were made by the same `generation` of search
   * parameters. `alone` writes it without them: when nobody else is there, and when the statement for all was refused.
   */
  create<T>(
    tenant: number,
    generation: string | null,
    one: NewResource,
    alone: () => Promise<T>,
    written: T,
  ): Promise<T>
}

type Waiting = NewResource & {
  alone(): Promise<void>
  written(): void
  failed(reason: unknown): void
}

/** `busy` statements are under way, the last took `took` milliseconds. */
type Queue = { readonly waiting: Waiting[]; busy: number; took: number }

/**
 * Statements under way at once, of one tenant in one process: the fewer there are, the more resources share one. Where
 * a disk is slow, few clients would wait for it in turns, and several statements are written to it together.
 */
const mostBusy = ({ took }: Queue): number => (took > slow ? 4 : 1)
const slow = 20

/** Resources of one statement. */
const mostShared = 50

/** Queues that are kept without anybody in them, with what they know of the disk. */
const mostIdle = 100

/** What a statement for one alone would meet as well. */
const concernsAll = (error: unknown): boolean =>
  error instanceof StaleDefinitions || (error instanceof Problem && error.status === 503)

export const createGathering = (database: Pick<Database, 'run'>, policy: ReferencePolicy): Gathering => {
  const queues = new Map<string, Queue>()

  const together = async (
    tenant: number,
    generation: string | null,
    all: readonly Waiting[],
  ): Promise<boolean> => {
    const rows = await database.run(createManyStatement(tenant, all, policy, generation))
    return rows.length > 0
  }

  /** Never throws. */
  const perform = async (
    tenant: number,
    generation: string | null,
    all: readonly Waiting[],
  ): Promise<void> => {
    try {
      if (all.length > 1 && (await together(tenant, generation, all))) {
        for (const one of all) one.written()
        return
      }
    } catch (error) {
      if (concernsAll(error)) {
        for (const one of all) one.failed(error)
        return
      }
    }
    // One of them is to be refused, and nothing was written: each is told by itself.
    await Promise.all(all.map((one) => one.alone()))
  }

  const pump = (key: string, queue: Queue, tenant: number, generation: string | null): void => {
    while (queue.busy < mostBusy(queue) && queue.waiting.length > 0) {
      queue.busy++
      const start = performance.now()
      void perform(tenant, generation, queue.waiting.splice(0, mostShared)).then(() => {
        queue.busy--
        queue.took = performance.now() - start
        pump(key, queue, tenant, generation)
      })
    }
    if (queue.busy === 0 && queues.size > mostIdle) queues.delete(key)
  }

  return {
    create: (tenant, generation, one, alone, written) => {
      if (!canShare(one, policy)) return alone()
      const key = `${tenant} ${generation}`
      const queue = queues.get(key) ?? { waiting: [], busy: 0, took: 0 }
      queues.set(key, queue)
      return new Promise((resolve, reject) => {
        queue.waiting.push({
          ...one,
          alone: () => alone().then(resolve, reject),
          written: () => resolve(written),
          failed: reject,
        })
        pump(key, queue, tenant, generation)
      })
    },
  }
}
