/** HTTPS with a certificate that is replaced while the server runs. NIST SP 800-52 rev. 2 */
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Log } from '../base/log.ts'

/** Paths of PEM files: the certificate with the ones that lead to its root, and its key. */
export type TlsFiles = { readonly cert: string; readonly key: string }

/** The files cannot be used; the message says why to whoever put them there. */
export class UnusableCertificate extends Error {}

/** Keys are agreed for each connection anew, and content is authenticated: nothing else is offered. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** Options of `node:https`. Throws UnusableCertificate. */
export const readTls = (files: TlsFiles): SecureContextOptions => {
  try {
    const [cert, key] = [readFileSync(files.cert), readFileSync(files.key)]
    const options: SecureContextOptions = {
      cert,
      key,
      ciphers,
      minVersion: 'TLSv1.2',
      honorCipherOrder: true,
    }
    createSecureContext(options)
    return options
  } catch (error) {
    const { code, message, path } = error as NodeJS.ErrnoException
    if (path !== undefined) throw new UnusableCertificate(`${path} cannot be read (${code}).`)
    throw new UnusableCertificate(
      `The certificate in ${files.cert} and the key in ${files.key} do not work together: ${message}.`,
    )
  }
}

/** How often the files are looked at, in ms. */
const lookEvery = 5000

/** Days before the end of a certificate from which on it is warned of. */
const soon = 14

export type TlsWatch = {
  /** Looks now; whatever is wrong with the files, the connections and the old certificate stay. */
  look(): void
  close(): void
}

/** Gives new connections the new certificate when the files have changed; those that are open do not notice. */
export const watchTls = (server: Server, files: TlsFiles, log: Log): TlsWatch => {
  const stamp = (): string =>
    [files.cert, files.key]
      .map((file) => statSync(file, { throwIfNoEntry: false }))
      .map((found) => `${found?.mtimeMs} ${found?.ino} ${found?.size}`)
      .join()
  const load = (): void => {
    try {
      const options = readTls(files)
      server.setSecureContext(options)
      log.info(describe(options), 'took the new certificate')
      warn(options)
    } catch (error) {
      if (!(error instanceof UnusableCertificate)) throw error
      log.error(`The new certificate is not used, the old one stays: ${error.message}`)
    }
  }
  const warn = (options: SecureContextOptions): void => {
    const { until } = describe(options)
    const days = (Date.parse(until) - Date.now()) / 86_400_000
    if (days < soon) log.warn({ until }, 'the certificate ends soon, or has ended')
  }
  let seen = stamp()
  const look = (): void => {
    const now = stamp()
    if (now === seen) return
    seen = now
    load()
  }
  warn(readTls(files))
  const timer = setInterval(look, lookEvery)
  timer.unref()
  return { look, close: () => clearInterval(timer) }
}

const describe = ({ cert }: SecureContextOptions): { readonly until: string } => ({
  until: new Date(new X509Certificate(cert as Buffer).validTo).toISOString(),
})
