import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createXml } from '../../src/fhir/xml/xml.ts'
import type { Reply } from '../../src/rest/index.ts'
import { fakeRest, ok, serverWith } from './fake-rest.ts'

const xml = createXml(await loadDefinitions(undefined))
const open = (reply?: Reply) => {
  const rest = fakeRest(reply)
  const server = serverWith(rest, { xml })
  t.teardown(() => server.close())
  return { rest, server }
}
const { rest, server } = open()
const declaration = '<?xml version="1.0" encoding="UTF-8"?>'
const patient = `${declaration}<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><active value="true"/></Patient>`
const asked = { accept: 'application/fhir+xml' }
const sent = { 'content-type': 'application/fhir+xml' }

t.test('a resource in XML, with the headers that it has in JSON', async (t) => {
  const json = await server.inject({ url: '/fhir/Patient/p1' })
  const response = await server.inject({ url: '/fhir/Patient/p1', headers: asked })
  t.equal(response.body, patient)
  t.equal(response.headers['content-type'], 'application/fhir+xml; charset=utf-8')
  for (const name of ['etag', 'last-modified', 'vary', 'content-location'])
    t.equal(response.headers[name], json.headers[name])
  const head = await server.inject({ method: 'HEAD', url: '/fhir/Patient/p1', headers: asked })
  t.equal(head.headers['content-type'], 'application/fhir+xml; charset=utf-8')
  t.equal(head.headers['content-length'], String(patient.length))
  t.equal(head.body, '')
  t.equal((await server.inject({ url: '/fhir/Patient/p1?_format=xml' })).body, patient)
  const indented = await server.inject({ url: '/fhir/Patient/p1?_format=xml&_pretty=true' })
  t.equal(
    indented.body,
    `${declaration}\n<Patient xmlns="http://hl7.org/fhir">\n  <id value="p1"/>\n  <active value="true"/>\n</Patient>\n`,
  )
})

t.test('links of a page keep the format that was asked for by name', async (t) => {
  const link = [
    { relation: 'self', url: 'http://x/fhir/Patient?a=b' },
    { relation: 'next', url: 'http://x/fhir/Patient' },
  ]
  const { server } = open({ ...ok, body: [JSON.stringify({ resourceType: 'Bundle', link, total: 0 })] })
  const urls = async (url: string) =>
    (await server.inject({ url })).json().link.map((l: { url: string }) => l.url)
  t.same(await urls('/fhir/Patient?_format=application/fhir%2Bjson'), [
    'http://x/fhir/Patient?a=b&_format=application%2Ffhir%2Bjson',
    'http://x/fhir/Patient?_format=application%2Ffhir%2Bjson',
  ])
  t.same(await urls('/fhir/Patient'), ['http://x/fhir/Patient?a=b', 'http://x/fhir/Patient'])
})

t.test('bodies in XML become JSON, patches too', async (t) => {
  const body = '<Patient xmlns="http://hl7.org/fhir"><active value="true"/></Patient>'
  for (const type of ['application/fhir+xml; charset=utf-8', 'application/xml', 'text/xml']) {
    rest.seen.length = 0
    const headers = { 'content-type': type }
    await server.inject({ method: 'POST', url: '/fhir/Patient', headers, payload: body })
    t.same(rest.seen[0]?.body, { text: '{"resourceType":"Patient","active":true}', xml: body })
  }
  const patch =
    '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/></parameter></Parameters>'
  rest.seen.length = 0
  await server.inject({ method: 'PATCH', url: '/fhir/Patient/p1', headers: sent, payload: patch })
  t.same(rest.seen[0]?.body, {
    text: '{"resourceType":"Parameters","parameter":[{"name":"operation"}]}',
    patch: 'fhirpath-patch',
    xml: patch,
  })
  rest.seen.length = 0
  await server.inject({
    method: 'POST',
    url: '/fhir/Binary',
    headers: { 'content-type': 'text/xml' },
    payload: body,
  })
  t.match(rest.seen[0]?.body?.text, /"contentType":"text\/xml"/)
})

t.test('refusals in XML, also when nothing was negotiated yet', async (t) => {
  const refusals: [number, object][] = [
    [400, { method: 'POST', url: '/fhir/Patient', headers: { ...asked, ...sent }, payload: '<Patient>' }],
    [400, { method: 'POST', url: '/fhir/Patient', headers: { ...asked, ...sent }, payload: ' ' }],
    [404, { url: '/fhir/Pateint/1', headers: asked }],
    [404, { url: '/fhir/Pateint/1?_format=xml' }],
    [
      406,
      {
        url: '/fhir/Patient/1',
        headers: { accept: 'application/fhir+xml;q=0.1' },
        query: { _format: 'pdf' },
      },
    ],
    [
      415,
      {
        method: 'POST',
        url: '/fhir/Patient',
        headers: { ...asked, ...sent },
        payload: Buffer.from('\ufeff<a/>', 'utf16le'),
      },
    ],
    [
      415,
      {
        method: 'POST',
        url: '/fhir/Patient',
        headers: { ...asked, ...sent },
        payload: '<?xml version="1.0" encoding="ISO-8859-1"?><Patient xmlns="http://hl7.org/fhir"/>',
      },
    ],
  ]
  for (const [status, request] of refusals) {
    const response = await server.inject(request)
    t.equal(response.statusCode, status)
    if (status !== 406) t.match(response.body, /<OperationOutcome xmlns="http:\/\/hl7.org\/fhir"><issue>/)
  }
})

t.test('a search as NDJSON: a resource a line, links in a header', async (t) => {
  const body =
    '{"resourceType":"Bundle","type":"history","link":[{"relation":"next","url":"http://x/fhir?page=2"}],"entry":[{"resource":{"resourceType":"Patient","id":"a","multipleBirthInteger":1}},{"request":{"method":"DELETE","url":"Patient/b"}}]}'
  const { server } = open({ ...ok, body: [body] })
  const headers = { accept: 'application/fhir+ndjson' }
  const response = await server.inject({ url: '/fhir/Patient/_history', headers })
  t.equal(response.headers['content-type'], 'application/fhir+ndjson; charset=utf-8')
  t.equal(response.headers.link, '<http://x/fhir?page=2>; rel="next"')
  t.same(response.body.split('\n'), [
    '{"resourceType":"Patient","id":"a","multipleBirthInteger":1}',
    '{"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"DELETE","url":"Patient/b"}}]}',
    '',
  ])
  const none = open({ ...ok, body: ['{"resourceType":"Bundle","type":"searchset","total":0}'] })
  const empty = await none.server.inject({ url: '/fhir/Patient', headers })
  t.equal(empty.statusCode, 200)
  t.equal(empty.body, '')
  t.equal(empty.headers.link, undefined)
})
