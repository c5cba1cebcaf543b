import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { createLog } from '../../src/base/log.ts'
import { type FakeRest, fakeRest, ok, patient, serverWith } from './fake-rest.ts'

const limits = {
  body: 50_000,
  headers: 8192,
  headersTimeout: 600,
  requestTimeout: 600,
  keepAlive: 5000,
  memory: 120_000,
  answerTimeout: 1000,
}

const listen = async (t: Test, rest: FakeRest, changes: object = {}) => {
  const server = serverWith(rest, { limits, ...changes })
  t.teardown(() => server.close())
  await server.listen({ host: '127.0.0.1', port: 0 })
  return (server.server.address() as AddressInfo).port
}

/** Sends raw bytes and gives all that comes back until the server closes. */
const exchange = async (port: number, text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(text)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'close')
  return answer
}

const isOutcome = (t: Test, answer: string, status: number) => {
  t.match(answer, new RegExp(`^HTTP/1.1 ${status} `))
  t.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)).resourceType, 'OperationOutcome')
}

const post = 'POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\n'
const flood = 'a'.repeat(9000)

t.test('what the parser refuses', async (t) => {
  const rest = fakeRest()
  const port = await listen(t, rest)
  isOutcome(t, await exchange(port, 'nonsense\r\n\r\n'), 400)
  isOutcome(
    t,
    await exchange(port, `GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX-Flood: ${flood}\r\n\r\n`),
    431,
  )
  isOutcome(t, await exchange(port, `GET /fhir/Patient?name=${flood} HTTP/1.1\r\nHost: x\r\n\r\n`), 431)
  isOutcome(t, await exchange(port, `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`), 400)
  isOutcome(t, await exchange(port, `${post}Content-Length: -1\r\n\r\n`), 400)
  isOutcome(t, await exchange(port, 'GET / HTTP/1.1\r\nHost: x\r\n'), 408)
  isOutcome(t, await exchange(port, `${post}Content-Length: 100\r\n\r\n{"a"`), 408)
  t.strictSame(rest.seen, [])
})

t.test('a body over the limit is refused while it still comes, and the connection lives on', async (t) => {
  const rest = fakeRest()
  const port = await listen(t, rest, { limits: { ...limits, requestTimeout: 5000 } })
  const chunk = `${(1024).toString(16)}\r\n${'x'.repeat(1024)}\r\n`
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(60)}`)
  const [first] = await once(socket, 'data')
  t.match(String(first), /^HTTP\/1.1 413 /)
  socket.write(`${chunk.repeat(100)}0\r\n\r\nGET /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\n\r\n`)
  const [second] = await once(socket, 'data')
  t.match(String(second), /^HTTP\/1.1 200 /)
  t.equal(rest.seen.length, 1)
  const headers = { 'content-type': 'application/fhir+json' }
  const large = { method: 'POST', headers, body: 'x'.repeat(5_000_000) }
  t.equal((await fetch(`http://127.0.0.1:${port}/fhir/Patient`, large)).status, 413)
})

t.test('compressed bodies', async (t) => {
  const rest = fakeRest()
  const port = await listen(t, rest)
  const send = async (encoding: string, body: Buffer) => {
    const headers = { 'content-type': 'application/fhir+json', 'content-encoding': encoding }
    const request = { method: 'POST', headers, body: new Uint8Array(body) }
    return (await fetch(`http://127.0.0.1:${port}/fhir/Patient`, request)).status
  }
  t.equal(await send('gzip', gzipSync(patient)), 200)
  t.equal(await send('br', brotliCompressSync(patient)), 200)
  t.strictSame(
    rest.seen.map((request) => request.body?.text),
    [patient, patient],
  )
  t.equal(await send('gzip', gzipSync('x'.repeat(10_000_000))), 413, 'a bomb')
  t.equal(await send('gzip', Buffer.from('not gzip')), 400)
  t.equal(await send('zstd', Buffer.from('x')), 415)
  t.equal(rest.seen.length, 2)
})

t.test('compressed answers, for those who ask', async (t) => {
  const long = `{"a":"${'ä long text '.repeat(500)}"}`
  const port = await listen(t, fakeRest({ ...ok, body: [long.slice(0, 99), long.slice(99)] }))
  const read = async (accept: string) => {
    const sent = httpRequest({ port, path: '/fhir/Patient/p1', headers: { 'accept-encoding': accept } }).end()
    const [response] = await once(sent, 'response')
    const body: Buffer = Buffer.concat(await response.toArray())
    t.equal(response.headers['content-length'], String(body.length))
    return { encoding: response.headers['content-encoding'], body }
  }
  const plain = await read('identity')
  t.equal(plain.encoding, undefined)
  t.equal(plain.body.toString(), long)
  const packed = await read('gzip, br;q=0.5')
  t.equal(packed.encoding, 'gzip')
  t.equal(gunzipSync(packed.body).toString(), long)
  t.equal((await read('gzip, deflate, br')).encoding, 'br')
  t.equal((await read('gzip;q=0, *;q=0')).encoding, undefined)
})

t.test('HEAD over a socket', async (t) => {
  const port = await listen(t, fakeRest())
  const answer = await exchange(
    port,
    'HEAD /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  )
  t.match(answer, new RegExp(`content-length: ${patient.length}\r\n`))
  t.ok(answer.endsWith('\r\n\r\n'))
})

t.test('the signal tells that the client left', async (t) => {
  const { promise, resolve } = Promise.withResolvers()
  const rest = fakeRest(async (_request, ctx) => {
    const { signal } = ctx
    socket.destroy()
    await once(signal, 'abort')
    resolve(signal.aborted)
    return ok
  })
  const port = await listen(t, rest)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\n\r\n')
  t.equal(await promise, true)
})

t.test('the log has one line a request and names nobody', async (t) => {
  const lines: Record<string, unknown>[] = []
  const log = createLog('silent')
  log.info = ((line: Record<string, unknown>) => lines.push(line)) as typeof log.info
  const port = await listen(t, fakeRest(), { log })
  await fetch(`http://127.0.0.1:${port}/fhir/Patient/secret-id?name=Miller`)
  await fetch(`http://127.0.0.1:${port}/fhir/Miller/1`)
  await fetch(`http://127.0.0.1:${port}/miller`)
  await new Promise((resolve) => setImmediate(resolve))
  t.match(lines, [
    { method: 'GET', route: '/fhir/:type/:id', type: 'Patient', status: 200, bytes: patient.length },
    { method: 'GET', route: '/fhir/:type/:id', status: 404 },
    { method: 'GET', route: 'unknown', status: 404 },
  ])
  t.notMatch(JSON.stringify(lines), /miller|secret/i)
})

t.test('draining answers what has begun', async (t) => {
  const gate = Promise.withResolvers()
  const rest = fakeRest(async () => {
    await gate.promise
    return ok
  })
  const server = serverWith(rest, { limits })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const answer = fetch(`http://127.0.0.1:${port}/fhir/Patient/p1`)
  while (rest.seen.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const closed = server.close()
  gate.resolve(undefined)
  t.equal((await answer).status, 200)
  await closed
  await t.rejects(fetch(`http://127.0.0.1:${port}/fhir/Patient/p1`))
})

t.test('bodies of all requests together are bounded', async (t) => {
  const answers: (() => void)[] = []
  const rest = fakeRest(() => new Promise((resolve) => answers.push(() => resolve(ok))))
  const port = await listen(t, rest)
  const headers = { 'content-type': 'application/fhir+json' }
  const send = async (body: string | Uint8Array<ArrayBuffer>, more = {}) =>
    (
      await fetch(`http://127.0.0.1:${port}/fhir/Patient`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body,
      })
    ).status
  const held = [send('x'.repeat(49_000)), send('x'.repeat(49_000))]
  while (answers.length < 2) await new Promise((done) => setTimeout(done, 10))
  t.equal(await send('x'.repeat(30_000)), 503)
  const packed = new Uint8Array(gzipSync('x'.repeat(40_000)))
  t.equal(await send(packed, { 'content-encoding': 'gzip' }), 503, 'what a body is decompressed to counts')
  const small = send('x'.repeat(1000))
  while (answers.length < 3) await new Promise((done) => setTimeout(done, 10))
  for (const answer of answers) answer()
  t.strictSame(await Promise.all([...held, small]), [200, 200, 200])
  const again = send(packed, { 'content-encoding': 'gzip' })
  while (answers.length < 4) await new Promise((done) => setTimeout(done, 10))
  answers[3]!()
  t.equal(await again, 200, 'what was held is given back')
})

t.test('a client that does not read its answer is let go', async (t) => {
  const rest = fakeRest({ ...ok, body: [`"${'x'.repeat(100_000_000)}"`] })
  const port = await listen(t, rest, { limits: { ...limits, memory: 200_000_000 } })
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  socket.pause()
  socket.write(
    'PUT /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 2\r\n\r\n{}',
  )
  await new Promise((done) => setTimeout(done, 3500))
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  socket.resume()
  await once(socket, 'close')
  t.ok(received < 100_000_000, 'the rest was given up')
})

t.test('a client that reads slowly but steadily gets all', async (t) => {
  const rest = fakeRest({ ...ok, body: [`"${'x'.repeat(20_000_000)}"`] })
  const port = await listen(t, rest, { limits: { ...limits, memory: 200_000_000 } })
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /fhir/Patient/p1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
    socket.pause()
    setTimeout(() => socket.resume(), 8)
  })
  await once(socket, 'close')
  t.ok(received > 20_000_000, `${received}`)
})
