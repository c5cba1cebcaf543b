/** The limit for writes: the same durable statement, run by pgbench, or by a bare loop over pg where there is no pgbench. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { clientConfig } from '../../src/store/connection.ts'
import type { EmbeddedConnection } from '../../src/store/embedded/start.ts'
import type { Statement } from '../../src/store/statement.ts'

const run = promisify(execFile)

/** Transactions per second, and what measured them. */
export type WriteLimit = { readonly rate: number; readonly by: string }

/** `statement` makes the next one; `key` is the position (1-based) of the parameter that is a new UUID each time; without it every statement is another and the loop runs them. */
export type WriteLoad = { readonly statement: () => Statement; readonly key?: number }

/** In time order, as the server's own ids; each place of the statement may have another one. */
const uuid = 'uuidv7()'

/** pgbench takes texts: an array of tokens, which comes in binary form, is written out. */
const asText = (value: unknown): string => {
  if (!Buffer.isBuffer(value)) return String(value)
  const [header, size] = [20, 12]
  const items = Array.from({ length: (value.length - header) / size }, (_, n) =>
    value.readBigInt64BE(header + n * size + 4),
  )
  return `{${items.join(',')}}`
}

const script = ({ statement, key }: WriteLoad): { text: string; variables: string[] } => {
  const { text, values } = statement()
  const body = text.replace(/\$(\d+)/g, (_match, n) => (Number(n) === key ? uuid : `:v${n}`))
  const variables = values.flatMap((value, n) =>
    n + 1 === key || value === null ? [] : ['-D', `v${n + 1}=${asText(value)}`],
  )
  const nulls = values.flatMap((value, n) => (value === null ? [n + 1] : []))
  const withNulls = nulls.reduce((sql, n) => sql.replaceAll(`:v${n}`, 'null'), body)
  return { text: `${withNulls};\n`, variables }
}

const byPgbench = async (
  { host, port, user, database }: EmbeddedConnection,
  load: WriteLoad,
  connections: number,
  seconds: number,
): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-bench-'))
  try {
    const { text, variables } = script(load)
    const file = join(folder, 'statement.sql')
    writeFileSync(file, text)
    const { stdout } = await run(
      'pgbench',
      [
        ...[
          '-n',
          '-M',
          'prepared',
          '-c',
          String(connections),
          '-j',
          '1',
          '-T',
          String(Math.ceil(seconds)),
          '-f',
          file,
        ],
        ...variables,
        ...['-h', host, '-p', String(port), '-U', user, database],
      ],
      {
        env: {
          ...process.env,
          PGOPTIONS: '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
        },
      },
    )
    const rate = /tps = ([\d.]+)/.exec(stdout)?.[1]
    if (rate === undefined) throw new Error(`pgbench said:\n${stdout}`)
    return Number(rate)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const byLoop = async (
  connection: EmbeddedConnection,
  { statement }: WriteLoad,
  connections: number,
  seconds: number,
): Promise<number> => {
  const until = performance.now() + seconds * 1000
  let done = 0
  const worker = async (): Promise<void> => {
    const client = new pg.Client(clientConfig(connection, { statementTimeout: 0, lockTimeout: 0 }))
    await client.connect()
    while (performance.now() < until) {
      const { name, text, values } = statement()
      await client.query({ name, text, values: values as unknown[] })
      done++
    }
    await client.end()
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return done / seconds
}

export const writeLimit = async (
  connection: EmbeddedConnection,
  load: WriteLoad,
  connections: number,
  seconds: number,
): Promise<WriteLimit> => {
  const loop = async (): Promise<WriteLimit> => ({
    rate: await byLoop(connection, load, connections, seconds),
    by: 'a loop over pg',
  })
  if (load.key === undefined) return loop()
  try {
    return { rate: await byPgbench(connection, load, connections, seconds), by: 'pgbench' }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return loop()
  }
}
