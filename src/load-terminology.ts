/** Loads code systems from the files of their publishers, also while the server runs: `npm run terminology -- load loinc PATH` */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { readConfig } from './config.ts'
import { reach } from './primary.ts'
import {
  createConcepts,
  createDatabase,
  type Database,
  loadConcepts,
  removeConcepts,
  rowSecurityOf,
} from './store/index.ts'
import { formatNames, LoadError, openLoading, type SourceFile } from './terminology/index.ts'

const usage = `npm run terminology -- load FORMAT PATH [--version VERSION] [--url URL] [--tenant NUMBER]
npm run terminology -- list [--tenant NUMBER]
npm run terminology -- remove URL [--version VERSION] [--tenant NUMBER]

FORMAT is one of ${formatNames.join(', ')}. PATH is a file or a folder, such as an unpacked release.
Without --tenant what is loaded is shared by all. A load that was broken off goes on when it is called again.
`

type Options = { readonly tenant: number; readonly version?: string; readonly url?: string }

const linesOf = (path: string): SourceFile => ({
  path,
  lines: () =>
    createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY }),
})

const filesIn = async (path: string): Promise<readonly SourceFile[]> => {
  const found = await stat(path).catch(() => undefined)
  if (!found) throw new LoadError(`There is no ${path}.`)
  if (!found.isDirectory()) return [linesOf(path)]
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(linesOf)
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const load = async (database: Database, format: string, path: string, options: Options): Promise<void> => {
  const loading = await openLoading(format, await filesIn(path), options)
  let said = 0
  const { count, circular } = await loadConcepts(
    database,
    options.tenant,
    loading,
    ({ phase, done, total }) => {
      if (Date.now() - said < 2000) return
      said = Date.now()
      say(`${phase} ${done}${total === undefined ? ' rows' : ` of ${total} concepts`}`)
    },
  )
  say(`${loading.name} has ${count} concepts and can be used.`)
  if (circular > 0) say(`${circular} concepts stand above themselves; their hierarchy was cut.`)
}

const list = async (database: Database, tenant: number): Promise<void> => {
  for (const { url, version, name, count } of await createConcepts(database).systems(tenant))
    say(`${name}\t${url}\t${version ?? ''}\t${count} concepts`)
}

const work = async (database: Database, words: readonly string[], options: Options): Promise<void> => {
  const [command, first, second] = words
  if (command === 'load' && first !== undefined && second !== undefined)
    return load(database, first, second, options)
  if (command === 'list') return list(database, options.tenant)
  if (command === 'remove' && first !== undefined) {
    const removed = await removeConcepts(database, options.tenant, first, options.version ?? '')
    return say(removed ? 'It is removed.' : 'It is not loaded in this version.')
  }
  throw new LoadError(usage)
}

const main = async (): Promise<void> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { version: { type: 'string' }, url: { type: 'string' }, tenant: { type: 'string' } },
  })
  const tenant = Number(values.tenant ?? 0)
  if (!Number.isSafeInteger(tenant) || tenant < 0) throw new LoadError('The tenant is a number.')
  const config = readConfig()
  const log = createLog(config.logLevel)
  const ground = await reach(config, log)
  const security = await rowSecurityOf(ground.target)
  const options = { security, lines: 1, pool: 2, statementTimeout: 600_000, log }
  const database = createDatabase({ target: ground.target, ...options })
  try {
    await work(database, positionals, {
      tenant,
      ...(values.version === undefined ? {} : { version: values.version }),
      ...(values.url === undefined ? {} : { url: values.url }),
    })
  } finally {
    await database.close()
    await ground.stop()
  }
}

command(main, (error) => error instanceof LoadError)
