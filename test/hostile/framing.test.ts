/** Requests that are framed wrongly, too large, too slow or too many: RFC 9112, and the limits of the configuration. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import t from 'tap'
import { besiege, fhirJson, patient, refused } from './siege.ts'

const siege = await besiege(t, { LAMPLIGHT_REQUEST_TIMEOUT: '1500ms' })
const { port } = siege
const post = (...headers: string[]): string =>
  [
    'POST /fhir/Patient HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/fhir+json',
    ...headers,
    '',
    '',
  ].join('\r\n')
const statuses = (answer: string): string[] => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((m) => m[1]!)
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`

t.test('framing that two servers could read differently', async (t) => {
  const hidden = 'DELETE /fhir/Patient/1 HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const forms: readonly (readonly [what: string, bytes: string])[] = [
    ['both lengths', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${hidden}`],
    [
      'both, the other way round',
      `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n${hidden}`,
    ],
    ['two lengths', `${post('Content-Length: 5', `Content-Length: ${patient.length}`)}${patient}`],
    ['a list of lengths', `${post(`Content-Length: ${patient.length}, 5`)}${patient}`],
    ['a length with a sign', `${post(`Content-Length: +${patient.length}`)}${patient}`],
    ['a length in hexadecimal', `${post('Content-Length: 0x10')}${patient}`],
    ['a length below zero', post('Content-Length: -1')],
    ['a length beyond all', post('Content-Length: 99999999999999999999999')],
    ['chunked and something', `${post('Transfer-Encoding: chunked, identity')}${chunk(patient)}0\r\n\r\n`],
    ['something that is no encoding', `${post('Transfer-Encoding: xchunked')}${chunk(patient)}0\r\n\r\n`],
    ['chunked behind a tab', `${post('Transfer-Encoding:\tchunked', 'Content-Length: 3')}0\r\n\r\n${hidden}`],
    ['a space before the colon', `${post('Transfer-Encoding : chunked')}${chunk(patient)}0\r\n\r\n`],
    ['a folded header', `${post('X-A: b', ' Transfer-Encoding: chunked')}${chunk(patient)}0\r\n\r\n`],
    ['a chunk size that is none', `${post('Transfer-Encoding: chunked')}zz\r\n${patient}\r\n0\r\n\r\n`],
    ['a chunk size beyond all', `${post('Transfer-Encoding: chunked')}ffffffffffffffffff\r\n${patient}`],
    [
      'a chunk that is longer than it says',
      `${post('Transfer-Encoding: chunked')}3\r\n${patient}\r\n0\r\n\r\n`,
    ],
    [
      'lines that end in LF only',
      `POST /fhir/Patient HTTP/1.1\nHost: localhost\nContent-Length: ${patient.length}\n\n${patient}`,
    ],
    ['a carriage return inside of a header', `${post('X-A: b\rTransfer-Encoding: chunked')}0\r\n\r\n`],
    ['a null character in a header', post('X-A: b\u0000c')],
    ['no Host', `GET /fhir/metadata HTTP/1.1\r\n\r\n`],
    ['HTTP/9.9', `GET /fhir/metadata HTTP/9.9\r\nHost: localhost\r\n\r\n`],
    ['a method that is none', `G@T /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['HTTP/2 by surprise', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  ]
  for (const [what, bytes] of forms) {
    const answer = await siege.exchange(Buffer.from(bytes, 'latin1'), 300)
    t.ok(
      statuses(answer).every((status) => status.startsWith('4')) && statuses(answer).length === 1,
      `${what}: ${statuses(answer)}`,
    )
    if (answer !== '') t.match(answer.toLowerCase(), /connection: close/, `${what}: nothing more is read`)
  }
  await siege.unharmed(t, 'framing')
})

t.test('a body that is shorter than it says changes nothing', async (t) => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`${post(`Content-Length: ${patient.length + 10}`)}${patient}`)
  await sleep(100)
  socket.destroy()
  const unfinished = connect(port, '127.0.0.1')
  unfinished.on('error', () => {})
  unfinished.write(`${post('Transfer-Encoding: chunked')}${chunk(patient)}`)
  await sleep(100)
  unfinished.resume().end()
  await once(unfinished, 'close')
  await siege.unharmed(t, 'bodies that break off')
})

t.test('a body that is longer than it says is cut there', async (t) => {
  const answer = await siege.exchange(`${post(`Content-Length: ${patient.length - 1}`)}${patient}`, 500)
  t.match(statuses(answer), ['400'], 'what is left does not begin a request')
  await siege.unharmed(t, 'a longer body')
})

t.test('slow ones', async (t) => {
  const drip = async (socket: Socket, bytes: string): Promise<string> => {
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('error', () => {})
    for (const byte of bytes) {
      if (socket.destroyed || answer !== '') break
      socket.write(byte)
      await sleep(50)
    }
    if (!socket.destroyed) await once(socket, 'close')
    return answer
  }
  const bytes = `${post(`Content-Length: ${patient.length}`)}${patient}`
  const head = bytes.slice(0, bytes.length - patient.length)
  const slowBody = connect(port, '127.0.0.1')
  slowBody.write(head)
  const open = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
  const closed = Promise.all(
    open.map(async (socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.write('GET /fhir/metadata HT')
      await once(socket, 'close')
    }),
  )
  const [body, headers] = await Promise.all([drip(slowBody, patient), drip(connect(port, '127.0.0.1'), head)])
  t.match(body, /^HTTP\/1\.1 408 /, 'a slow body')
  t.match(headers, /^HTTP\/1\.1 408 /, 'slow headers')
  await closed
  await siege.unharmed(t, 'slow ones')
})

t.test('floods of headers and URLs', async (t) => {
  const many = Array.from({ length: 3000 }, (_, n) => `X-H${n}: ${n}`)
  t.match(
    await siege.exchange(`GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n${many.join('\r\n')}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  )
  t.match(
    await siege.exchange(
      `GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`,
    ),
    /^HTTP\/1\.1 431 /,
  )
  t.match(
    await siege.exchange(
      `GET /fhir/Patient?identifier=${'x'.repeat(1_000_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ),
    /^HTTP\/1\.1 431 /,
  )
  t.match(
    await siege.exchange(`${post('Transfer-Encoding: chunked')}1;${'x'.repeat(100_000)}\r\n{\r\n`),
    /^HTTP\/1\.1 413 /,
  )
  const trailers = Array.from({ length: 5000 }, (_, n) => `X-T${n}: ${n}`).join('\r\n')
  const answer = await siege.exchange(
    `${post('Transfer-Encoding: chunked')}${chunk('{}')}0\r\n${trailers}\r\n\r\n`,
  )
  t.match(statuses(answer)[0], /^4/)
  await siege.unharmed(t, 'floods')
})

t.test('bodies beyond the limit', async (t) => {
  const million = 'x'.repeat(1_000_000)
  const said = await siege.exchange(`${post('Content-Length: 60000000')}${million}`, 300)
  t.match(said, /^HTTP\/1\.1 413 /, 'by its length')
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(post('Transfer-Encoding: chunked'))
  let answered = ''
  socket.on('data', (data) => {
    answered += data
  })
  for (let n = 0; n < 60 && answered === ''; n++) {
    if (!socket.write(chunk(million))) await Promise.race([once(socket, 'drain'), once(socket, 'data')])
  }
  if (answered === '') await once(socket, 'data')
  socket.destroy()
  t.match(answered, /^HTTP\/1\.1 413 /, 'in chunks')
  const spaces = Buffer.alloc(200_000_000, ' ')
  for (const [encoding, bomb] of [
    ['gzip', gzipSync(spaces)],
    ['br', brotliCompressSync(spaces, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ] as const) {
    const headers = { ...fhirJson, 'content-encoding': encoding }
    const answers = await Promise.all(Array.from({ length: 4 }, () => siege.post('Patient', bomb, headers)))
    for (const answer of answers) refused(t, answer, 413, /LAMPLIGHT_BODY_LIMIT/, `a bomb in ${encoding}`)
  }
  const twice = { ...fhirJson, 'content-encoding': 'gzip, gzip' }
  refused(
    t,
    await siege.post('Patient', gzipSync(gzipSync(patient)), twice),
    415,
    /gzip or br/,
    'packed twice',
  )
  refused(
    t,
    await siege.post('Patient', gzipSync(patient).subarray(0, 30), {
      ...fhirJson,
      'content-encoding': 'gzip',
    }),
    400,
    /compressed/,
    'a half of gzip',
  )
  await siege.unharmed(t, 'large bodies')
})

t.test('many requests on one connection', async (t) => {
  const created = await siege.post('Patient', patient)
  const { id } = JSON.parse(created.text) as { id: string }
  await siege.settle()
  const read = `GET /fhir/Patient/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const missing = `GET /fhir/Patient/none HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const bad = `${post('Content-Length: 2')}{]`
  const rounds = 500
  const last = read.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
  const answer = await siege.exchange(`${(read + missing + bad).repeat(rounds)}${last}`, 10_000)
  const expected = Array.from({ length: rounds }, () => ['200', '404', '400']).flat()
  t.strictSame(statuses(answer), [...expected, '200'], 'each is answered, in order')
  const deaf = connect(port, '127.0.0.1')
  deaf.on('error', () => {})
  deaf.pause()
  deaf.write(read.repeat(20_000))
  await sleep(500)
  await siege.unharmed(t, 'a client that does not read its answers')
  deaf.destroy()
  await siege.unharmed(t, 'pipelines')
})
