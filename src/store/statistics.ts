/** Keeps the planner's statistics fresh where much was written at once: autovacuum alone may take its time. */
import type { Log } from '../base/log.ts'
import type { Database } from './database.ts'

/** Tables of which more than a fifth changed since they were last looked at; one process does it for all. */
const text = `
do $$
declare t record;
begin
  if not pg_try_advisory_xact_lock(5264012) then return; end if;
  for t in
    select s.relid::regclass as name
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = current_schema() and s.n_mod_since_analyze > 5000 + 0.2 * greatest(c.reltuples, 0)
  loop
    execute format('analyze %s', t.name);
  end loop;
end $$`

/** Looks once. */
export const freshen = async (database: Database): Promise<void> => {
  await database.query({ name: '', text, values: [] })
}

/** Looks every so many ms until it is told to stop. */
export const keepFresh = (database: Database, log: Log, every = 30_000): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      await freshen(database)
    } catch (error) {
      log.warn({ err: { message: (error as Error).message } }, 'the statistics could not be renewed')
    }
  }
  const timer = setInterval(() => {
    running = running.then(look)
  }, every)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
