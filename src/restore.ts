/** Puts a backup into an empty database: `npm run restore -- --from FILE` */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { beginAnew } from './audit/anchors.ts'
import { createLog, type Log } from './base/log.ts'
import { command } from './command.ts'
import { type Config, readConfig } from './config.ts'
import { recordAtConsole } from './console-record.ts'
import { startPostgres } from './primary.ts'
import { deriveKey } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import {
  BackupBroken,
  type BackupHeader,
  type ConnectionTarget,
  checkBackup,
  createAuditLog,
  createDatabase,
  isEmpty,
  load,
  readBackup,
  readHeader,
  rowSecurityOf,
} from './store/index.ts'
import { migrate, UnsuitableDatabase } from './store/migrate.ts'

const usage = `npm run restore -- --from FILE [--check]

Puts a backup into the database, which must be empty: another LAMPLIGHT_DATA, or another DATABASE_URL. The server must not
run on it. The file is read to its end first, and nothing is changed when anything is wrong with it; --check does only that.
Put the files "keys" and "audit" that belong to the backup into the data folder before.
`

const options = { from: { type: 'string' }, check: { type: 'boolean', default: false } } as const

const purpose = 'lamplight backup'

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const main = async (): Promise<void> => {
  const { from, check } = asked()
  const config = readConfig()
  const header = await readHeader(from)
  const keyOf = ({ encrypted }: BackupHeader) => encrypted && keyFor(config, encrypted)
  const rows = await checkBackup(from, keyOf)
  say(`${from} is whole: ${rows.toLocaleString('en')} rows of ${header.at}.`)
  if (!check) await restore(config, from, header, keyOf)
}

const restore = async (
  config: Config,
  from: string,
  header: BackupHeader,
  keyOf: (header: BackupHeader) => Buffer | undefined,
): Promise<void> => {
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const ground = await startPostgres(config, log)
  try {
    if (!(await isEmpty(ground.target)))
      throw new StartError('The database has data already. Restore into an empty one.')
    await migrate(ground.target, header.migrations)
    const loaded = await load(ground.target, header, readBackup(from, keyOf))
    await migrate(ground.target)
    const lost = await goOn({ config, log, target: ground.target }, header)
    const total = [...loaded.values()].reduce((sum, rows) => sum + rows, 0)
    say(
      `${total.toLocaleString('en')} rows of ${loaded.size} tables are restored, as many as the backup has.`,
    )
    if (lost !== undefined)
      say(
        `The audit log was longer than the backup's: audit/${lost} tells until where; it is no longer checked against.`,
      )
    say('Check the audit log next, when its key is in its place: npm run audit -- verify')
  } finally {
    await ground.stop()
  }
}

/** The audit log goes on from where the backup ends, and says so. Gives the file of anchors that no longer hold. */
const goOn = async (to: { config: Config; log: Log; target: ConnectionTarget }, { at }: BackupHeader) => {
  const { config, log, target } = to
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 60_000, log })
  try {
    const folder = resolve(config.dataFolder)
    const lost = await beginAnew(createAuditLog(database), { folder, log, at: Date.now() })
    const said = `A backup of ${at}.${lost === undefined ? '' : ` Later events are lost; see audit/${lost}.`}`
    const deed = { kind: 'administration', code: 'restored', action: 'C', said } as const
    await recordAtConsole({ config, database, log }, deed)
    return lost
  } finally {
    await database.close()
  }
}

const keyFor = (config: Config, { key: id, salt }: { readonly key: string; readonly salt: string }): Buffer =>
  deriveKey(config, { purpose, salt: Buffer.from(salt, 'base64'), id }).key

const asked = (): { readonly from: string; readonly check: boolean } => {
  try {
    const { from, check } = parseArgs({ options }).values
    if (from !== undefined) return { from, check }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
  throw new StartError(usage)
}

const isTold = (error: unknown): boolean =>
  [BackupBroken, UnsuitableDatabase].some((kind) => error instanceof kind) ||
  (error as NodeJS.ErrnoException).code === 'ENOENT'

command(main, isTold)
