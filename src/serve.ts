/** One process that answers requests: the composed house, listening, until it is drained. */
import { once } from 'node:events'
import type { Server } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { type ComposeDeps, compose } from './compose.ts'
import type { Config } from './config.ts'
import type { Spending } from './http/request-limits.ts'
import { readTls, type TlsFiles, UnusableCertificate, watchTls } from './http/tls.ts'
import { StartError } from './start-error.ts'

/** Cancelled is what still runs after this many ms of draining. */
const patience = 8000

export type Serving = {
  /** What clients have spent in other processes. */
  learn(spending: Spending): void
  /** Takes what has changed in files: the certificate. */
  reload(): void
  /** The port in use, also when the configuration leaves the choice to the system. */
  readonly port: number
  /** Stops accepting, lets requests finish, closes connections to the database. */
  drain(): Promise<void>
}

/** `share` tells the other processes what clients have spent here. */
type ServeDeps = Omit<ComposeDeps, 'stopped' | 'tls'> & { readonly share?: (spending: Spending) => void }

/** How often that is told, in ms. */
const shareEvery = 500

/** Resolves when listening. Throws a StartError when the address cannot be had. */
export const serve = async (deps: ServeDeps): Promise<Serving> => {
  const { host, port } = deps.config
  const stopping = new AbortController()
  const files = tlsFiles(deps.config)
  const tls = files && readCertificate(files)
  const house = await compose({ ...deps, stopped: stopping.signal, tls })
  try {
    await house.server.listen({ host, port, backlog: 1024 })
  } catch (error) {
    await house.close()
    throw new StartError(explain(error, host, port))
  }
  house.rehearse()
  const sharing = setInterval(() => {
    const spent = house.limiter.spent()
    if (spent.length > 0) deps.share?.(spent)
  }, shareEvery)
  const certificate = files && watchTls(house.server.server as unknown as Server, files, deps.log)
  return {
    learn: house.limiter.learn,
    reload: () => certificate?.look(),
    port: (house.server.server.address() as AddressInfo).port,
    drain: async () => {
      const timer = setTimeout(() => stopping.abort(), patience)
      // Node closes the connections that are idle now, and leaves those alone that become idle after an answer.
      const sweep = setInterval(() => house.server.server.closeIdleConnections(), 50)
      await house.server.close()
      clearInterval(sweep)
      certificate?.close()
      clearInterval(sharing)
      await house.close()
      clearTimeout(timer)
    },
  }
}

/** Undefined for plain HTTP. Throws a StartError when one of two is missing. */
export const tlsFiles = ({ tlsCert, tlsKey }: Config): TlsFiles | undefined => {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey }
  if (tlsCert === tlsKey) return undefined
  throw new StartError('HTTPS needs both TLS_CERT and TLS_KEY; set the other one too.')
}

const readCertificate = (files: TlsFiles): SecureContextOptions => {
  try {
    return readTls(files)
  } catch (error) {
    if (error instanceof UnusableCertificate) throw new StartError(error.message)
    throw error
  }
}

/** Throws a StartError when the address cannot be had: better to know before the database is made. */
export const checkAddress = async (host: string, port: number): Promise<void> => {
  const probe = createServer()
  try {
    await once(probe.listen(port, host), 'listening')
    await once(probe.close(), 'close')
  } catch (error) {
    throw new StartError(explain(error, host, port))
  }
}

const explain = (error: unknown, host: string, port: number): string => {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES')
    return `This user may not listen on port ${port}. Choose a port above 1023: PORT=8080 npm start`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `This machine has no address ${host}. Set HOST to one that it has, such as 127.0.0.1.`
  }
  return `Cannot listen on ${host}, port ${port} (${code ?? 'unknown error'}).`
}
