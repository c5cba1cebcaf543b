/** COPY in and out as streams, no faster than the other side. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY */
import type { Socket } from 'node:net'
import pg from 'pg'
import { type ConnectionTarget, partsOf } from '../connection.ts'

/** What the driver's connection can do and its types do not tell. */
type Wire = {
  readonly stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
}

/** A connection without limits of time that sees the rows of all tenants. */
export const openPlain = async (target: ConnectionTarget): Promise<pg.Client> => {
  const client = new pg.Client({
    ...partsOf(target),
    keepAlive: true,
    application_name: 'lamplight backup',
    options: '-c timezone=UTC -c datestyle=ISO -c statement_timeout=0 -c lamplight.tenant=*',
  })
  // The statement that is under way tells of it.
  client.on('error', () => {})
  await client.connect()
  return client
}

const wireOf = (client: pg.Client): Wire => (client as unknown as { connection: Wire }).connection

const rowsOf = (tag: string): number => Number(tag.replace('COPY ', ''))

/** Bytes that wait for whoever reads before the database has to. */
const enough = 1_048_576

/** What all custom statements have to answer to. */
const deaf = { handleRowDescription: () => {}, handleDataRow: () => {}, handlePortalSuspended: () => {} }

/** The data of a `copy … to stdout`, in pieces; gives the number of rows at the end. */
export async function* copyOut(client: pg.Client, text: string): AsyncGenerator<Buffer, number> {
  const wire = wireOf(client)
  let [waiting, size, rows, isOver] = [[] as Buffer[], 0, 0, false]
  let failure: Error | undefined
  let wake = (): void => {}
  client.query({
    ...deaf,
    submit: () => {
      wire.query(text)
    },
    handleCopyData: ({ chunk }: { chunk: Buffer }) => {
      // The driver's buffer is used again.
      waiting.push(Buffer.from(chunk))
      size += chunk.length
      if (size > enough) wire.stream.pause()
      wake()
    },
    handleCommandComplete: (message: { text: string }) => {
      rows = rowsOf(message.text)
    },
    handleReadyForQuery: () => {
      isOver = true
      wake()
    },
    handleError: (error: Error) => {
      failure = error
      isOver = true
      wake()
    },
  } as unknown as pg.Submittable)
  try {
    while (!isOver || waiting.length > 0) {
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      const taken = waiting
      waiting = []
      size = 0
      wire.stream.resume()
      if (taken.length > 0) yield Buffer.concat(taken)
    }
  } finally {
    // Whoever stops listening would leave a connection that never ends.
    if (!isOver) wire.stream.destroy()
  }
  if (failure) throw failure
  return rows
}

/** A `copy … from stdin`. */
export type CopyIn = {
  write(chunk: Buffer): Promise<void>
  /** Resolves with the number of rows. Rejects with what the database refused. */
  end(): Promise<number>
}

export const copyIn = async (client: pg.Client, text: string): Promise<CopyIn> => {
  const wire = wireOf(client)
  let rows = 0
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  let failure: Error | undefined
  const done = new Promise<void>((resolve) => {
    client.query({
      ...deaf,
      submit: () => {
        wire.query(text)
      },
      handleCopyInResponse: () => begin(),
      handleCommandComplete: (message: { text: string }) => {
        rows = rowsOf(message.text)
      },
      handleReadyForQuery: () => resolve(),
      handleError: (error: Error) => {
        failure = error
        begin()
        resolve()
      },
    } as unknown as pg.Submittable)
  })
  await begun
  return {
    write: async (chunk) => {
      if (failure) throw failure
      wire.sendCopyFromChunk(chunk)
      if (!wire.stream.writableNeedDrain) return
      await Promise.race([new Promise((resolve) => wire.stream.once('drain', resolve)), done])
    },
    end: async () => {
      if (!failure) wire.endCopyFrom()
      await done
      if (failure) throw failure
      return rows
    },
  }
}
