/** A fresh Postgres with the settings of a real start, a server on it, and the bare server beside it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLog } from '../../src/base/log.ts'
import { type EmbeddedConnection, startEmbedded } from '../../src/store/embedded/start.ts'
import { urlOf } from '../support/url.ts'

export type Ground = { readonly connection: EmbeddedConnection; stop(): Promise<void> }

/** With `kept` the data stay in that folder, for the next run; otherwise they are gone in the end. */
export const startGround = async (kept?: string): Promise<Ground> => {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'lamplight-bench-'))
  const server = await startEmbedded({ folder, log: createLog('silent'), cores: 2 })
  return {
    connection: server.connection,
    stop: async () => {
      await server.stop()
      if (kept === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export type Running = { readonly url: URL; stop(): Promise<void> }

const start = (file: string, env: Record<string, string>, ready: RegExp): Promise<Running> => {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGTERM')
    })
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const match = ready.exec(text)
      if (match)
        resolve({
          url: new URL(match[1]!.startsWith('http') ? match[1]! : `http://127.0.0.1:${match[1]}`),
          stop,
        })
    })
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}:\n${text}`)))
  })
}

/** The server as `npm start` runs it, on the given Postgres. */
export const startServer = (
  connection: EmbeddedConnection,
  workers: number,
  more: Record<string, string> = {},
): Promise<Running> =>
  start(
    '../../src/main.ts',
    { DATABASE_URL: urlOf(connection), PORT: '0', WORKERS: String(workers), LOG_LEVEL: 'warn', ...more },
    /ready at (http\S+)/,
  )

export const startBareServer = (connection: EmbeddedConnection, workers: number): Promise<Running> =>
  start(
    './bare-server.ts',
    { BARE_SERVER: JSON.stringify({ target: connection, workers, lines: 2 }), PORT: '0' },
    /listening (\d+)/,
  )
