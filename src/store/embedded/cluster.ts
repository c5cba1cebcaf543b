/** The data directory of the embedded Postgres: made once, never half. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { giveTo } from './account.ts'
import { nameForProgram, type Place, runProgram } from './place.ts'

/** The superuser and the database that Lamplight uses. */
export const owner = 'lamplight'

const isWindows = process.platform === 'win32'

/** Windows has no private sockets, so there a password guards the port on the loopback. */
const authentication = (password: string | undefined, file: string): string[] => {
  if (password === undefined) return ['--auth=trust']
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return ['--auth=scram-sha-256', `--pwfile=${file}`]
}

const initialize = async (place: Place, password: string | undefined): Promise<void> => {
  const directory = nameForProgram(place)
  const passwordFile = `${place.data}.password`
  try {
    await runProgram(place, 'initdb', [
      `--pgdata=${directory}`,
      `--username=${owner}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
      ...authentication(password, passwordFile),
    ])
  } finally {
    rmSync(passwordFile, { force: true })
  }
  await runProgram(
    place,
    'postgres',
    ['--single', '-F', '-D', directory, 'template1'],
    `create database ${owner}\n`,
  )
  await runProgram(place, 'initdb', [`--pgdata=${directory}`, '--sync-only'])
}

/** Makes the data directory beside its place and moves it there when it is whole and on disk. */
export const createCluster = async (place: Place, password: string | undefined): Promise<void> => {
  const data = `${place.data}.new`
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { mode: 0o700 })
  if (!isWindows) chmodSync(data, 0o700)
  giveTo(place.account, data)
  await initialize({ ...place, data }, password)
  renameSync(data, place.data)
}

const unreadable = (data: string, cause: unknown): Error =>
  new Error(
    `The database in ${data} belongs to another user. Start Lamplight as that user or as root, or choose another folder with LAMPLIGHT_DATA.`,
    { cause },
  )

/** Whether there is a data directory; refuses one of another major version or of another user. */
export const hasCluster = ({ data, binaries }: Place): boolean => {
  if (!existsSync(data)) return false
  let version: string
  try {
    version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw unreadable(data, error)
    throw new Error(
      `${data} is not a Postgres data directory (it has no PG_VERSION). Move it away, or choose another folder with LAMPLIGHT_DATA.`,
      { cause: error },
    )
  }
  const major = binaries.version.split('.')[0]
  if (version === major) return true
  throw new Error(
    `The database in ${data} was made by PostgreSQL ${version}, this Lamplight brings PostgreSQL ${binaries.version}. Use the Lamplight that made it, or move the data over with pg_dump and restore.`,
  )
}
