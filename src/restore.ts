/** Puts a backup into an empty database: `npm run restore -- --from FILE` */
import { parseArgs } from 'node:util'
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { type Config, readConfig } from './config.ts'
import { recordOn } from './console-record.ts'
import { startPostgres } from './primary.ts'
import { deriveKey } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import {
  BackupBroken,
  type BackupHeader,
  checkBackup,
  isEmpty,
  load,
  readBackup,
  readHeader,
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
    const deed = { kind: 'administration', code: 'restored', action: 'C' } as const
    await recordOn({ config, target: ground.target, log }, { ...deed, said: `A backup of ${header.at}.` })
    const total = [...loaded.values()].reduce((sum, rows) => sum + rows, 0)
    say(
      `${total.toLocaleString('en')} rows of ${loaded.size} tables are restored, as many as the backup has.`,
    )
    say('Check the audit log next, when its key is in its place: npm run audit -- verify')
  } finally {
    await ground.stop()
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
