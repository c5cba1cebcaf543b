/**
 * What a process does until its first request comes: it performs transactions of invented patients on a database that
 * is not there, so that V8 has compiled what the first real ones run through. Decision 0032.
 */
import { faultOf } from './base/fault.ts'
import type { Log } from './base/log.ts'
import { ownCtx } from './own-ctx.ts'
import { createPosted, createRest, type Rest, type RestRooms } from './rest/index.ts'
import { createConcepts, createDefinitionSource, createStore, defaultTenant, nowhere } from './store/index.ts'

type RehearsalDeps = {
  /** Those of the process: what is compiled for them is what requests use. */
  readonly rooms: RestRooms
  readonly log: Log
  /** Whether somebody waits for this process: a client, or whoever wants it to end. */
  readonly isWanted: () => boolean
  /** Aborts what still runs when the time for draining is over. */
  readonly stopped: AbortSignal
}

/** Patients of one rehearsal: some thousand resources; twice as many make the first real ones no faster. */
const patients = 6
const seed = 1

const lenient = { off: 'off', standard: 'standard', strict: 'standard' } as const

/** Performs them one after the other, until there is real work. Gives the number of transactions; never throws. */
export const rehearse = async (deps: RehearsalDeps): Promise<number> => {
  const { log, isWanted, stopped } = deps
  let done = 0
  try {
    const rest = restNowhere(deps)
    // Only here, where nobody waits for it: its tables are large.
    const { createGenerator } = await import('./demo/generate.ts')
    const generator = createGenerator(seed)
    for (; done < patients && !isWanted(); done++) {
      const text = JSON.stringify(generator.patientBundle(done))
      const ctx = ownCtx({ tenant: defaultTenant, log, signal: stopped, base: 'http://localhost/fhir' })
      await rest.perform(ctx, { interaction: 'transaction', query: [], body: { text } })
    }
  } catch (error) {
    log.warn({ fault: faultOf(error) }, 'the rehearsal failed; the first requests will take longer')
  }
  return done
}

/**
 * Its own is whatever remembers what the database said. What a hospital allows or demands of those who write does not
 * hold here: invented patients are no offence. Nothing goes on record.
 */
const restNowhere = ({ rooms, log }: RehearsalDeps): Rest => {
  const { recording: _, tenants: __, ...others } = rooms
  const { validation, options } = rooms
  const store = createStore(nowhere, 'off')
  const posted = createPosted({ ...rooms, store, source: createDefinitionSource(nowhere) }, log)
  return createRest({
    ...others,
    store,
    posted,
    concepts: createConcepts(nowhere),
    options: { ...options, updateAsCreate: true, maxEntries: Number.POSITIVE_INFINITY },
    ...(validation && { validation: { ...validation, mode: lenient[validation.mode], enforced: new Map() } }),
  })
}
