/** Brings the database up to date without serving: for who wants to do it before the new version starts. `npm run migrate` */
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { readConfig } from './config.ts'
import { prepare } from './primary.ts'

const main = async (): Promise<void> => {
  const config = readConfig()
  const ground = await prepare(config, createLog(config.logLevel))
  await ground.stop()
  process.stdout.write('The database is up to date.\n')
}

command(main)
