/** Once a day: where the chains stand is written down outside of the database, and what is too old goes. */
import { faultOf } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { AuditLog } from '../store/index.ts'
import { anchor, lastAnchored } from './anchors.ts'
import { retire } from './retention.ts'
import { openSigning } from './signing.ts'

type Deps = {
  readonly audit: AuditLog
  readonly folder: string
  readonly log: Log
  /** How long events are kept. */
  readonly years: number
}

const hour = 3_600_000
const day = 24 * hour

/** Several processes may do it on the same day: an anchor more is no harm. `at` is now, in ms since 1970. */
const upkeep = async ({ audit, folder, log, years }: Deps, at: number): Promise<void> => {
  if (at - (await lastAnchored(folder)) < day) return
  const signing = await openSigning(folder)
  const gone = await retire(audit, signing, { at, years })
  if (gone > 0) log.info({ gone, years }, 'removed audit events that are old enough')
  await anchor(audit, signing, { folder, log, at })
}

/** Looks every hour whether it is time; gives what ends it. */
export const keepUp = (deps: Deps): (() => void) => {
  const look = (): void => {
    upkeep(deps, Date.now()).catch((error: unknown) =>
      deps.log.error({ fault: faultOf(error) }, 'the daily upkeep of the audit log failed'),
    )
  }
  const soon = setTimeout(look, 60_000 + Math.random() * 60_000).unref()
  const timer = setInterval(look, hour).unref()
  return () => {
    clearTimeout(soon)
    clearInterval(timer)
  }
}
