/** Brings the database up to date without serving: for who wants to do it before the new version starts. `npm run migrate` */
import { createLog } from './base/log.ts'
import { ConfigError, readConfig } from './config.ts'
import { prepare } from './primary.ts'
import { StartError } from './start-error.ts'

const main = async (): Promise<void> => {
  const config = readConfig()
  const ground = await prepare(config, createLog(config.logLevel))
  await ground.stop()
  process.stdout.write('The database is up to date.\n')
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigError || error instanceof StartError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
