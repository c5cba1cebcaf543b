/** Where Postgres listens: a private socket in the data directory; on Windows a loopback port with a password. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { giveTo, isReachable } from './account.ts'
import { longestSocketPath } from './lock.ts'
import { nameForProgram, type Place } from './place.ts'
import type { Settings } from './settings.ts'
import type { Temporary } from './temporary.ts'

/** `host` and `port` are for clients, `settings` for the server. */
export type Endpoint = {
  readonly host: string
  readonly port: number
  readonly password?: string
  readonly settings: Settings
}

/** The port is part of the socket's name only; each data directory has its own socket. */
const socketPort = 5432

const socketEndpoint = (host: string, directory: string): Endpoint => ({
  host,
  port: socketPort,
  settings: {
    port: String(socketPort),
    listen_addresses: '',
    unix_socket_directories: directory,
    unix_socket_permissions: '0700',
  },
})

const fits = (directory: string): boolean =>
  Buffer.byteLength(`${directory}/.s.PGSQL.${socketPort}`) <= longestSocketPath

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })

/** The password is made with the database and kept beside it. */
const passwordIn = (folder: string, data: string): string => {
  const file = join(folder, 'password')
  if (!existsSync(data)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}

const loopback = async (place: Place, folder: string): Promise<Endpoint> => {
  const port = await freePort()
  const settings = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  return { host: '127.0.0.1', port, password: passwordIn(folder, place.data), settings }
}

/** Chooses the place for this start; a data directory whose path is too long for a socket gets a temporary one. */
export const endpointFor = async (place: Place, temporary: Temporary, folder: string): Promise<Endpoint> => {
  if (process.platform === 'win32') return await loopback(place, folder)
  const inside = nameForProgram(place)
  if (fits(place.data) && !/[,"]/.test(inside)) return socketEndpoint(place.data, inside)
  const directory = join(temporary.path(), 'socket')
  mkdirSync(directory, { mode: 0o700 })
  giveTo(place.account, directory)
  if (isReachable(directory, place.account) && fits(directory)) return socketEndpoint(directory, directory)
  throw new Error(
    `There is no place for the socket of Postgres: ${place.data} is too long and ${directory} cannot be used. Choose a shorter LAMPLIGHT_DATA.`,
  )
}
