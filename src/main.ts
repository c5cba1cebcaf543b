/** The process: configuration, ground, workers, signals. `npm start` */
import cluster from 'node:cluster'
import { askedToEnd } from './asked-to-end.ts'
import { createLog, type Log } from './base/log.ts'
import { type Config, ConfigError, readConfig, startedByNpm } from './config.ts'
import { firstLinkAtStart } from './first-administrator.ts'
import { isLoopback } from './http/host.ts'
import { type Ground, prepare } from './primary.ts'
import { checkAddress, type Serving, serve, tlsFiles } from './serve.ts'
import { StartError } from './start-error.ts'
import { killWorkers, startWorkers, work } from './workers.ts'

/** How long stopping may take before it is cut short, in ms. */
const patience = 10_000

const main = async (): Promise<void> => {
  const config = readConfig()
  const log = createLog(config.logLevel)
  if (cluster.isWorker) return work(config, log)
  let ground: Ground | undefined
  const asked = askedToEnd(startedByNpm(), () => abandon(ground, 'Stopped without waiting.'))
  // From the first moment: a wish to end while Postgres is being started must not leave it behind.
  asked.then(() => setTimeout(() => abandon(ground, 'Not everything ended in time.'), patience).unref())
  if (config.authorization === 'off') {
    if (!isLoopback(config.host)) fail(wideOpen)
    process.stderr.write(noAuthorization)
  }
  await checkAddress(config.host, config.port)
  ground = await prepare(config, log)
  const serving = await start(config, log, ground)
  const scheme = tlsFiles(config) ? 'https' : 'http'
  if (tlsFiles(config)) process.on('SIGHUP', () => serving.reload())
  const base = `${scheme}://${shownHost(config.host)}:${serving.port}/fhir`
  process.stdout.write(welcome(base, config.authorization))
  if (config.authorization === 'on') {
    const link = await firstLinkAtStart(ground.target, config.baseUrl ?? base, log)
    if (link !== undefined) process.stdout.write(firstAdministrator(link))
  }
  await asked
  log.info('stopping')
  await serving.drain()
  await ground.stop()
  process.exit(0)
}

const start = async (config: Config, log: Log, ground: Ground): Promise<Serving> => {
  const deps = { config, log, target: ground.target }
  try {
    if (config.workers === 1) return await serve(deps)
    return await startWorkers({ ...deps, giveUp: (sentence) => abandon(ground, sentence) })
  } catch (error) {
    killWorkers()
    await ground.stop()
    throw error
  }
}

const abandon = (ground: Ground | undefined, sentence: string): never => {
  killWorkers()
  ground?.abandon()
  return fail(sentence)
}

const fail = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const shownHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

const wideOpen =
  'LAMPLIGHT_AUTHORIZATION is off, and HOST opens this server to other machines: everybody could read and change everything. Leave one of the two as it is by default.'

const noAuthorization = `
WARNING: LAMPLIGHT_AUTHORIZATION is off: every program of this machine may read and change everything.
`

/** What the demonstration takes for granted. */
const usual = 'http://127.0.0.1:8080/fhir'

const welcome = (base: string, authorization: Config['authorization']): string => `
Lamplight is ready at ${base}

Try next:
  curl ${base}/metadata
  npm run demo -- --patients 100${base === usual ? '' : ` --base ${base}`}
${authorization === 'on' ? "  TOKEN=$(npm run -s token -- --scope 'system/*.cruds')\n" : ''}  curl ${authorization === 'on' ? '-H "Authorization: Bearer $TOKEN" ' : ''}"${base}/Patient?_count=3&_pretty=true"

`

const firstAdministrator = (
  link: string,
): string => `There is no administrator yet. This link makes the first one; it works once, for a day:
  ${link}

`

main().catch((error: unknown) => {
  if (error instanceof ConfigError || error instanceof StartError) fail(error.message)
  throw error
})
