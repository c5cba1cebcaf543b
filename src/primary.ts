/** What is done once, before any process answers requests: Postgres, migrations, the cache of the definitions. */
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './base/log.ts'
import { type Config, cacheFolder } from './config.ts'
import { loadDefinitions } from './fhir/definitions/load.ts'
import { loadCanonicals } from './fhir/definitions/load-canonicals.ts'
import { ensureKeys, loadSealer } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import { runningEmbedded } from './store/embedded/running.ts'
import { startEmbedded } from './store/embedded/start.ts'
import { type ConnectionTarget, noteKey, usedKeys } from './store/index.ts'
import { migrate, UnsuitableDatabase } from './store/migrate.ts'

export type Ground = {
  readonly target: ConnectionTarget
  stop(): Promise<void>
  /** Ends Postgres without waiting, for a person who has asked twice. */
  abandon(): void
}

/** Throws a StartError for what the person at the terminal can mend. */
export const prepare = async (config: Config, log: Log): Promise<Ground> => {
  const [ground] = await Promise.all([startPostgres(config, log), prepareDefinitions(config, log)])
  try {
    const applied = await migratePatiently(ground.target, log)
    if (applied.length > 0) log.info({ applied }, 'migrated the database')
    await checkKeys(config, ground.target, log)
    return ground
  } catch (error) {
    await ground.stop()
    throw error
  }
}

/** Whether there is a database that a command can work on without starting one. */
export const isRunning = async (config: Config): Promise<boolean> =>
  config.databaseUrl !== undefined ||
  (await runningEmbedded(join(resolve(config.dataFolder), 'postgres'))) !== undefined

/** For commands beside the server: its database when it runs on the data folder, else as `prepare`. Throws a StartError. */
export const reach = async (config: Config, log: Log): Promise<Ground> => {
  if (config.databaseUrl !== undefined) return prepare(config, log)
  const running = await runningEmbedded(join(resolve(config.dataFolder), 'postgres'))
  return running ? { target: running, stop: async () => {}, abandon: () => {} } : prepare(config, log)
}

/** A server that has lost its keys must not begin with others unnoticed: what it sealed would be lost piece by piece. */
const checkKeys = async (config: Config, target: ConnectionTarget, log: Log): Promise<void> => {
  const used = await usedKeys(target)
  if (used.length === 0 && (await ensureKeys(config))) log.info('made the key that seals secrets')
  const { current, ids } = loadSealer(config)
  if (used.length > 0 && !used.some((id) => ids.includes(id))) {
    throw new StartError(
      `The secrets in the database are sealed by the key ${used.at(-1)}, and this server has others. Restore its keys: LAMPLIGHT_KEY, or the file of keys in the data folder.`,
    )
  }
  await noteKey(target, current)
}

/** Fills the cache that the processes read, and says what is wrong with the operator's packages. */
const prepareDefinitions = async (config: Config, log: Log): Promise<void> => {
  await loadDefinitions(cacheFolder(config))
  const { packages, refused } = await loadCanonicals(cacheFolder(config), config.packages)
  for (const { file, reason } of refused) log.warn({ file }, `a package was not taken: ${reason}`)
  for (const { name, version, from, definitions, missing, older } of packages) {
    if (from === 'server') continue
    log.info({ name, version, definitions }, 'loaded a package')
    if (missing.length > 0) log.warn({ name, missing }, 'a package builds on packages that are not there')
    if (older.length > 0) log.warn({ name, older }, 'a package builds on newer packages than are there')
  }
}

/** The database as it is, which may have no tables. Throws a StartError. */
export const startPostgres = async (config: Config, log: Log): Promise<Ground> => {
  if (config.databaseUrl !== undefined) {
    return { target: { url: config.databaseUrl }, stop: async () => {}, abandon: () => {} }
  }
  const folder = join(resolve(config.dataFolder), 'postgres')
  const wanted = config.workers * (config.databaseLines + config.databasePool)
  const settings = { max_connections: String(Math.max(100, wanted + 30)) }
  const cores = availableParallelism()
  const embedded = await startEmbedded({ folder, log, cores, settings }).catch((error: Error) => {
    throw new StartError(error.message)
  })
  return {
    target: embedded.connection,
    stop: () => embedded.stop(),
    abandon: () => {
      process.kill(embedded.pid, 'SIGQUIT')
    },
  }
}

/** A database that is started together with this server may need a moment. */
const attempts = 30
const transient = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', '57P03'])

/** What a database answers to a wrong DATABASE_URL: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const refusals: Readonly<Record<string, string>> = {
  '28000': 'The database does not let this user in.',
  '28P01': 'The database refuses the user or the password.',
  '3D000': 'The server has no database of this name.',
  '42501': 'The user may not create tables or schemas in this database.',
}

const migratePatiently = async (target: ConnectionTarget, log: Log): Promise<string[]> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate(target)
    } catch (error) {
      const code = codeOf(error)
      if (error instanceof UnsuitableDatabase) throw new StartError(error.message)
      if (code in refusals) throw new StartError(`${refusals[code]} Correct DATABASE_URL, or the database.`)
      if (!transient.has(code)) throw error
      if (attempt === attempts) {
        throw new StartError(
          `The database of DATABASE_URL does not answer (${code}). Start it, or correct the URL.`,
        )
      }
      log.warn({ code }, 'the database does not answer yet')
      await sleep(1000)
    }
  }
}

const codeOf = (error: unknown): string => {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] }
  if (typeof code === 'string') return code
  return errors?.[0] === undefined ? '' : codeOf(errors[0])
}
