/** Writes everything in the database to one file while the server works: `npm run backup -- --to FILE` */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import packageFile from '../package.json' with { type: 'json' }
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { type Config, readConfig } from './config.ts'
import { recordOn } from './console-record.ts'
import { reach } from './primary.ts'
import { deriveKey } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import { type BackupHeader, openDump, writeBackup } from './store/index.ts'

const usage = `npm run backup -- --to FILE [--encrypt]

Writes all data of the database as they are at this moment to a file; the server may run. --encrypt encrypts it by the
newest key of the server (npm run keys). Not in it are the files of the data folder: copy "keys" and "audit" of it to
another place than the backup, as without the keys what is sealed in it cannot be opened.
`

/** What the key of the server is used for. */
const purpose = 'lamplight backup'

const options = { to: { type: 'string' }, encrypt: { type: 'boolean', default: false } } as const

const main = async (): Promise<void> => {
  const { to, encrypt } = asked()
  const config = readConfig()
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const ground = await reach(config, log)
  try {
    const deed = { kind: 'export', code: 'backup', action: 'R' } as const
    await recordOn({ config, target: ground.target, log }, { ...deed, said: `To the file ${to}.` })
    let total = 0
    const dump = await openDump(ground.target, (_table, rows) => {
      total += rows
    })
    const { key, ...how } = encrypt ? newKey(config) : { key: undefined }
    const header: BackupHeader = {
      version: packageFile.version,
      at: new Date().toISOString(),
      ...dump.head,
      ...how,
    }
    await writeBackup(to, header, dump.records, key)
    const megabytes = (statSync(to).size / 1e6).toFixed(1)
    process.stdout.write(`${to} holds ${total.toLocaleString('en')} rows in ${megabytes} MB.\n`)
  } finally {
    await ground.stop()
  }
}

const asked = (): { readonly to: string; readonly encrypt: boolean } => {
  try {
    const { to, encrypt } = parseArgs({ options }).values
    if (to !== undefined) return { to, encrypt }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
  throw new StartError(usage)
}

const newKey = (
  config: Config,
): { readonly key: Buffer; readonly encrypted: { key: string; salt: string } } => {
  const salt = randomBytes(32)
  const { id, key } = deriveKey(config, { purpose, salt })
  return { key, encrypted: { key: id, salt: salt.toString('base64') } }
}

const ofFiles = ['ENOENT', 'EACCES', 'ENOSPC', 'EISDIR']

command(main, (error) => ofFiles.includes((error as NodeJS.ErrnoException).code ?? ''))
