import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createXml } from '../../src/fhir/xml/xml.ts'
import type { Reply } from '../../src/rest/index.ts'
import { fakeRest, serverWith } from './fake-rest.ts'

const content = Buffer.from('0123456789')
const stored = (
  contentType = 'text/plain',
  data: string | undefined = content.toString('base64'),
): Reply => ({
  status: 200,
  body: [JSON.stringify({ resourceType: 'Binary', id: 'b', contentType, data })],
  resourceType: 'Binary',
  versionId: '2',
  lastModified: Date.UTC(2026, 0, 2),
})
const xml = createXml(await loadDefinitions(undefined))
const server = serverWith(fakeRest(stored()), { xml })
const get = (headers: Record<string, string> = {}, url = '/fhir/Binary/b') => server.inject({ url, headers })

t.test('content goes out raw unless FHIR is asked for', async (t) => {
  for (const accept of [undefined, '*/*', 'text/plain', 'image/png', 'text/html,*/*;q=0.8']) {
    const response = await get(accept === undefined ? {} : { accept })
    t.equal(response.body, '0123456789', accept ?? 'no Accept')
    t.match(response.headers, {
      'content-type': 'text/plain',
      'content-length': '10',
      etag: '"2"',
      'last-modified': 'Fri, 02 Jan 2026 00:00:00 GMT',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': /^sandbox/,
      'content-disposition': 'attachment',
    })
  }
  t.equal((await get({}, '/fhir/Binary/b/_history/2')).body, '0123456789')
})

t.test('FHIR asked for by name, by _format, or as JSON', async (t) => {
  for (const accept of [
    'application/fhir+json',
    'application/json',
    'application/fhir+json;q=0.9, text/plain',
  ]) {
    const response = await get({ accept })
    t.equal(response.json().resourceType, 'Binary', accept)
    t.equal(response.headers.etag, 'W/"2"')
  }
  t.equal((await get({}, '/fhir/Binary/b?_format=json')).json().resourceType, 'Binary')
  for (const accept of ['application/fhir+xml', 'application/xml', 'text/xml']) {
    const response = await get({ accept })
    t.match(
      response.body,
      /^<\?xml version="1.0" encoding="UTF-8"\?><Binary xmlns="http:\/\/hl7.org\/fhir">/,
      accept,
    )
    t.equal(response.headers['content-type'], 'application/fhir+xml; charset=utf-8')
  }
  t.equal((await get({ accept: 'application/fhir+ndjson' })).statusCode, 406)
})

t.test('JSON content is what application/json means when the content is JSON', async (t) => {
  const other = serverWith(fakeRest(stored('application/json')))
  const response = await other.inject({ url: '/fhir/Binary/b', headers: { accept: 'application/json' } })
  t.equal(response.body, '0123456789')
})

t.test('a Binary without content, and one whose type cannot be a header, are resources', async (t) => {
  for (const reply of [stored('text/plain', ''), stored('text/plain\r\nx: y')]) {
    const empty = reply.body![0]!.replace(',"data":""', '')
    const response = await serverWith(fakeRest({ ...reply, body: [empty] })).inject('/fhir/Binary/b')
    t.equal(response.json().resourceType, 'Binary')
  }
})

const ranges: [range: string, status: number, body: string, contentRange: string | undefined][] = [
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=8-', 206, '89', 'bytes 8-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ['bytes=3-1', 200, '0123456789', undefined],
  ['lines=1-2', 200, '0123456789', undefined],
]

for (const [range, status, body, contentRange] of ranges) {
  t.test(`Range: ${range}`, async (t) => {
    const response = await get({ range })
    t.equal(response.statusCode, status)
    t.equal(response.body, body)
    t.equal(response.headers['content-range'], contentRange)
    t.equal(response.headers['content-length'], String(body.length))
  })
}

t.test('a range behind the end', async (t) => {
  for (const range of ['bytes=10-', 'bytes=-0']) {
    const response = await get({ range })
    t.equal(response.statusCode, 416)
    t.equal(response.headers['content-range'], 'bytes */10')
    t.equal(response.json().resourceType, 'OperationOutcome')
  }
})

t.test('If-Range', async (t) => {
  const status = async (tag: string) => (await get({ range: 'bytes=0-3', 'if-range': tag })).statusCode
  t.equal(await status('"2"'), 206)
  t.equal(await status('Fri, 02 Jan 2026 00:00:00 GMT'), 206)
  t.equal(await status('"1"'), 200)
  t.equal(await status('W/"2"'), 200, 'a weak tag never matches')
})

t.test('raw bodies are wrapped', async (t) => {
  const rest = fakeRest({ status: 201 })
  const other = serverWith(rest)
  const send = (
    method: 'POST' | 'PUT',
    url: string,
    headers: Record<string, string>,
    payload: string | Buffer,
  ) => other.inject({ method, url, headers, payload })
  const png = { 'content-type': 'image/png', 'x-security-context': 'Patient/p1' }
  await send('POST', '/fhir/Binary', png, Buffer.from([0, 255, 1]))
  await send('PUT', '/fhir/Binary/b', { 'content-type': 'text/plain;  charset=utf-8' }, 'a')
  const json = '{"resourceType":"Binary","contentType":"a/b"}'
  await send('POST', '/fhir/Binary', { 'content-type': 'application/json' }, json)
  t.strictSame(
    rest.seen.map((request) => JSON.parse(request.body!.text)),
    [
      {
        resourceType: 'Binary',
        contentType: 'image/png',
        securityContext: { reference: 'Patient/p1' },
        data: 'AP8B',
      },
      { resourceType: 'Binary', id: 'b', contentType: 'text/plain; charset=utf-8', data: 'YQ==' },
      { resourceType: 'Binary', contentType: 'a/b' },
    ],
  )
})
