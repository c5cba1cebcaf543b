/** The limit for reads: node:http and pg, which only select a text by its key. As many processes as the server has. */
import cluster from 'node:cluster'
import { createServer } from 'node:http'
import pg from 'pg'
import { type ConnectionTarget, clientConfig } from '../../src/store/connection.ts'

type Settings = { readonly target: ConnectionTarget; readonly workers: number; readonly lines: number }

const settings = JSON.parse(process.env.BARE_SERVER ?? '{}') as Settings

const text = `select version, last_updated, method, content from resource_version
where tenant = $1 and type = $2 and id = $3 order by version desc limit 1`

const serve = async (): Promise<void> => {
  const config = clientConfig(settings.target, { statementTimeout: 0, lockTimeout: 0 })
  const lines = await Promise.all(
    Array.from({ length: settings.lines }, async () => {
      const client = new pg.Client(config)
      await client.connect()
      return client
    }),
  )
  let turn = 0
  const server = createServer(async (request, response) => {
    const [, type, id] = request.url!.split('/')
    const line = lines[turn++ % lines.length]!
    const { rows } = await line.query({ name: 'bare', text, values: [1, Number(type), id] })
    const body = Buffer.from(rows[0].content as string)
    response.writeHead(200, { 'Content-Type': 'application/fhir+json', 'Content-Length': body.length })
    response.end(body)
  })
  server.listen(Number(process.env.PORT), '127.0.0.1')
}

if (cluster.isPrimary) {
  let listening = 0
  cluster.on('listening', (_worker, address) => {
    listening++
    if (listening === settings.workers) process.stdout.write(`listening ${address.port}\n`)
  })
  for (let n = 0; n < settings.workers; n++) cluster.fork()
} else await serve()
