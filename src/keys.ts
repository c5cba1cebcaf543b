/** The keys that seal the secrets in the database, replaced while the server runs: `npm run keys -- rotate` */
import { parseArgs } from 'node:util'
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { type Config, readConfig } from './config.ts'
import { recordOn } from './console-record.ts'
import { reach } from './primary.ts'
import { addKey, dropOldKeys, loadSealer } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import { type ConnectionTarget, renewSealed, SealBroken, usedKeys } from './store/index.ts'

const usage = `npm run keys -- list      which keys this server has (their ids), and which the database was sealed with
npm run keys -- rotate    makes a new key and moves all secrets to it; the server may run meanwhile
npm run keys -- renew     moves all secrets to the newest key, such as one that you put in front in LAMPLIGHT_KEY
npm run keys -- forget    takes the old keys out of the file, when nothing is sealed with them any more

Copy the file of keys to a safe place after each change: neither the database nor its backups can replace it.
`

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const list = async (config: Config, target: ConnectionTarget): Promise<void> => {
  const used = new Set(await usedKeys(target))
  const { ids } = loadSealer(config)
  for (const [place, id] of ids.entries()) {
    say(`${id}${place === 0 ? '  seals' : ''}${used.has(id) ? '  used by the database' : ''}`)
  }
  for (const id of used) if (!ids.includes(id)) say(`${id}  used by the database, and missing`)
}

const renew = async (config: Config, target: ConnectionTarget): Promise<void> => {
  const sealer = loadSealer(config)
  const moved = await renewSealed(target, sealer)
  say(`${moved} secrets were moved. All are sealed by the key ${sealer.current} now.`)
}

const commands: Readonly<Record<string, (config: Config, target: ConnectionTarget) => Promise<void>>> = {
  list,
  renew,
  rotate: async (config, target) => {
    await addKey(config)
    await renew(config, target)
  },
  forget: async (config, target) => {
    await renew(config, target)
    await dropOldKeys(config)
    say('The old keys are gone. Older backups open with the copy of the file that was made with them.')
  },
}

/** What goes on record. */
const deeds: Readonly<Record<string, string>> = {
  rotate: 'sealing-key-replaced',
  renew: 'secrets-sealed-anew',
  forget: 'sealing-keys-forgotten',
}

const main = async (): Promise<void> => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [what = ''] = positionals
  const perform = positionals.length === 1 ? commands[what] : undefined
  if (perform === undefined) throw new StartError(usage)
  const config = readConfig()
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const ground = await reach(config, log)
  try {
    await perform(config, ground.target)
    const deed = deeds[what]
    const about = { kind: 'administration', action: 'U' } as const
    if (deed !== undefined) await recordOn({ config, target: ground.target, log }, { ...about, code: deed })
  } finally {
    await ground.stop()
  }
}

command(main, (error) => error instanceof SealBroken)
