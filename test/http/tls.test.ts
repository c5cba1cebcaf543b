/** HTTPS: what is offered, and certificates that are replaced while clients are connected. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createLog } from '../../src/base/log.ts'
import { readTls, UnusableCertificate, watchTls } from '../../src/http/tls.ts'
import { first, second } from './certificates.ts'
import { fakeRest, serverWith } from './fake-rest.ts'

const put = (folder: string, { name, cert, key }: typeof first): { cert: string; key: string } => {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) }
  writeFileSync(files.cert, cert)
  writeFileSync(files.key, key)
  return files
}

const open = async (t: Test, files: { cert: string; key: string }) => {
  const server = serverWith(fakeRest(), { tls: readTls(files) })
  t.teardown(() => server.close())
  await server.listen({ host: '127.0.0.1', port: 0 })
  return { server: server.server as unknown as Server, port: (server.server.address() as AddressInfo).port }
}

const greet = async (
  port: number,
  versions: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {},
) => {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...versions })
  await once(socket, 'secureConnect')
  const seen = {
    name: String(socket.getPeerCertificate().subject.CN),
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
  }
  socket.destroy()
  return seen
}

const ask = (agent: Agent, port: number): Promise<{ status: number; hsts: unknown; socket: TLSSocket }> =>
  new Promise((resolve, reject) => {
    request(
      { agent, port, host: '127.0.0.1', path: '/fhir/Patient/p1', rejectUnauthorized: false },
      (answer) => {
        const { socket } = answer
        answer.resume().once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            hsts: answer.headers['strict-transport-security'],
            socket: socket as TLSSocket,
          }),
        )
      },
    )
      .once('error', reject)
      .end()
  })

t.test('what is offered', async (t) => {
  const { port } = await open(t, put(t.testdir(), first))
  t.match(await greet(port), { name: 'first', protocol: 'TLSv1.3' })
  t.match(await greet(port, { maxVersion: 'TLSv1.2' }), {
    protocol: 'TLSv1.2',
    cipher: /^ECDHE-.*(GCM|POLY1305)/,
  })
  await t.rejects(greet(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }))
  const agent = new Agent()
  t.match(await ask(agent, port), { status: 200, hsts: /max-age/ })
  agent.destroy()
})

t.test('a new certificate is taken, and nobody is disconnected', async (t) => {
  const folder = t.testdir()
  const files = put(folder, first)
  const { server, port } = await open(t, files)
  const watch = watchTls(server, files, createLog('silent'))
  t.teardown(() => watch.close())
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const before = await ask(agent, port)

  writeFileSync(files.cert, second.cert)
  watch.look()
  t.equal((await greet(port)).name, 'first', 'a certificate without its key is not taken')
  writeFileSync(files.key, second.key)
  watch.look()
  t.equal((await greet(port)).name, 'second')
  writeFileSync(files.cert, 'not a certificate')
  watch.look()
  t.equal((await greet(port)).name, 'second', 'a spoilt file changes nothing')

  const after = await ask(agent, port)
  t.equal(after.socket, before.socket, 'the connection is the same')
  t.equal(after.status, 200)
})

t.test('files that cannot be used are explained', async (t) => {
  const folder = t.testdir()
  const [one, two] = [put(folder, first), put(folder, second)]
  t.throws(() => readTls({ cert: one.cert, key: two.key }), UnusableCertificate.prototype)
  t.throws(() => readTls({ cert: join(folder, 'none'), key: two.key }), { message: /none cannot be read/ })
})
