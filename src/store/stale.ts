/** Index rows are made by the search parameters that a process knows; the database refuses those of too old a state. */

/** What was to be written was made by search parameters that are no longer all: it is to be made again. */
export class StaleDefinitions extends Error {
  override name = 'StaleDefinitions'
}

/** SQLSTATE of `stale_definitions()`. */
const code = 'LD001'

export const isStale = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code

/** The tokens of a row, when parameter `at` (null: whatever it is) is the tenant's generation; else the statement fails. */
export const whenKnown = (tokens: string, at: number, generation = 'g.parameters'): string =>
  `case when coalesce((select ${generation} from definition_generation g where g.tenant = $1) = $${at}::bigint, true) then ${tokens} else stale_definitions() end`

/** The same within a transaction, which may have changed the parameters itself. */
export const whenKnownBefore = (tokens: string, at: number): string =>
  whenKnown(
    tokens,
    at,
    'case when g.tx = pg_current_xact_id_if_assigned()::text::bigint then g.before else g.parameters end',
  )
