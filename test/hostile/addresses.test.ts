/** Paths, queries and headers that mean something else to somebody else. */
import t from 'tap'
import { besiege, fhirJson, patient, refused } from './siege.ts'

const siege = await besiege(t)

t.before(async () => {
  const body = '{"resourceType":"Patient","id":"p1","identifier":[{"value":"x"}]}'
  await siege.ask({ method: 'PUT', path: '/Patient/p1', headers: fhirJson, body })
  await siege.settle()
})

t.test('paths', async (t) => {
  const paths = [
    '/Patient/../../../etc/passwd',
    '/Patient/..%2f..%2f..%2fetc%2fpasswd',
    '/Patient/%2e%2e/%2e%2e/etc/passwd',
    '/Patient%2fp1',
    '/Patient/p1%2f_history%2f1',
    '/Patient/p1%00',
    '/Patient/%00',
    '/Patient/p1%0d%0aSet-Cookie:%20a=b',
    '/Patient/%c0%af',
    '/Patient/%ff',
    '/Patient/%',
    '/Patient/%zz',
    '/Patient/p1;a=b',
    '/Patient/p1\\..\\x',
    '/Patient//p1',
    '//Patient/p1',
    '/Patient/p1/',
    '/patient/p1',
    '/__proto__/p1',
    '/constructor/p1',
    '/toString',
    '/Patient/__proto__',
    `/Patient/${'a'.repeat(65)}`,
    `/Patient/${'a'.repeat(5000)}`,
    `/${'Patient'.repeat(1000)}`,
    '/Patient/p1/_history/0',
    '/Patient/p1/_history/-1',
    '/Patient/p1/_history/1e3',
    '/Patient/p1/_history/99999999999999999999',
    '/Patient/p1/_history/2147483648',
    "/Patient/p1'--",
    '/Patient/p1%20or%201=1',
    '/Patient/$everything%00',
    '/Patient/é',
    '/Patient/%F0%9F%94%A5',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'DELETE', 'PATCH', 'PUT']) {
      if (method !== 'GET' && ['/Patient/p1/', '/Patient//p1'].includes(path)) continue
      const bytes = `${method} /fhir${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/fhir+json\r\nContent-Length: 2\r\n\r\n{}`
      const answer = await siege.exchange(Buffer.from(bytes, 'latin1'), 2000)
      const harmless = method === 'GET' && path === '/Patient/p1/'
      t.match(answer, harmless ? /^HTTP\/1\.1 200 / : /^HTTP\/1\.1 4\d\d /, `${method} ${path.slice(0, 80)}`)
      t.notMatch(answer.split('\r\n\r\n')[0], /set-cookie/i)
      t.notMatch(answer, /root:/)
    }
  }
  const absolute = await siege.exchange(
    'GET http://elsewhere.example/fhir/Patient/p1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  )
  t.match(absolute, /^HTTP\/1\.1 (200|4\d\d) /, 'an absolute URL')
  t.notMatch(absolute, /elsewhere/)
  await siege.unharmed(t, 'paths')
})

t.test('queries', async (t) => {
  const uuid = '00000000-0000-0000-0000-000000000000'
  const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const rows: readonly (readonly [query: string, status: number])[] = [
    ['/Patient?_count=-1', 400],
    ['/Patient?_count=99999999999999999999', 400],
    ['/Patient?_count=1e3', 400],
    ['/Patient?_count=NaN', 400],
    ['/Patient?_count=', 400],
    ['/Patient?_count=1&_count=2', 400],
    ['/Patient?_count=999999999', 200],
    ['/Patient?_cursor=x', 400],
    ['/Patient?_cursor=', 400],
    [`/Patient?_cursor=${'A'.repeat(10_000)}`, 400],
    [
      `/Patient?_sort=_lastUpdated&_cursor=${Buffer.from(`uf999999999999999~${uuid}`).toString('base64url')}`,
      400,
    ],
    [
      `/Patient?_sort=_lastUpdated&_cursor=${Buffer.from(`ub999999999999999~${uuid}`).toString('base64url')}`,
      400,
    ],
    ['/_history?_count=-1', 400],
    ['/_history?_count=0x10', 400],
    ['/_history?_cursor=x', 400],
    [`/_history?_cursor=${cursor(null)}`, 400],
    [`/_history?_cursor=${cursor({})}`, 400],
    [`/_history?_cursor=${cursor([8.64e15, 1, uuid, 1])}`, 400],
    [`/_history?_cursor=${cursor([8.65e15, 1, uuid, 1])}`, 400],
    [`/_history?_cursor=${cursor([-1, 1, uuid, 1])}`, 400],
    [`/_history?_cursor=${cursor([0, 99_999, uuid, 1])}`, 400],
    [`/_history?_cursor=${cursor([0, 1, "' or 1=1", 1])}`, 400],
    ['/_history?_since=0000', 400],
    ['/_history?_since=0000-01-01T00:00:00Z', 400],
    ['/_history?_since=0001-01-01T00:00:00%2B14:00', 200],
    ['/_history?_since=9999-12-31T23:59:59-14:00', 200],
    ['/_history?_at=9999', 200],
    ['/_history?_at=0001', 200],
    ['/_history?_since=2020-02-30', 400],
    ['/_history?_since=2020-01-01T00:00:00%2B99:99', 400],
    ['/_history?_since=yesterday', 400],
    ['/_history?_since=', 400],
    [`/_history?_since=${'1'.repeat(10_000)}`, 400],
    ['/_history?_sort=id;drop', 400],
    ['/Patient?_lastUpdated=ge9999', 200],
    ['/Patient?_lastUpdated=gt9999-12-31', 200],
    ['/Patient?_lastUpdated=lt0001-01-01T00:00:00%2B14:00', 200],
    ['/Patient?_lastUpdated=ap0001', 200],
    ['/Patient?_lastUpdated=ap9999', 200],
    ['/Patient?_lastUpdated=0000', 400],
    ['/Patient?_lastUpdated=2020-13', 400],
    ['/Patient?_id=%00', 400],
    [`/Patient?_id=${'a'.repeat(10_000)}`, 400],
    ['/Patient?_id=%27%20or%201=1--', 400],
    ['/Patient?identifier=%00', 200],
    ['/Patient?identifier=%ED%A0%80', 400],
    ['/Patient?identifier=%', 400],
    ['/Patient?identifier=%0d%0aX:%20y', 200],
    ['/Patient?identifier=', 400],
    ['/Patient?identifier=|', 400],
    ['/Patient?identifier=a|b|c|d', 200],
    [`/Patient?identifier=${'a,'.repeat(5000)}a`, 400],
    [`/Patient?identifier=${'\\'.repeat(10_001)}`, 200],
    [`/Patient?${'identifier=a&'.repeat(500)}`, 400],
    [`/Patient?${'a'.repeat(20_000)}=1`, 400],
    [`/Patient?${'&'.repeat(20_000)}`, 200],
    [`/Patient?${'a&'.repeat(10_000)}`, 400],
    [`/Patient?identifier${':x'.repeat(5000)}=1`, 400],
    ['/Patient?__proto__=1', 400],
    ['/Patient?constructor=1', 400],
    ['/Patient?__proto__[x]=1', 400],
    ['/Patient?hasOwnProperty:exact=1', 400],
    ['/Patient?_elements=__proto__', 400],
    ['/Patient?_elements=constructor,toString', 400],
    ['/Patient?_summary=__proto__', 400],
    ['/Patient?_sort=__proto__', 400],
    ['/Patient?_format=__proto__', 406],
    ['/Patient?_pretty=1', 400],
    ['/Patient/p1?_elements=__proto__', 400],
    ['/Patient/p1?_summary=constructor', 400],
    ['/?_type=Patiens', 400],
    ['/?birthdate=2000', 400],
    ['/metadata?mode=__proto__', 400],
  ]
  for (const [path, status] of rows) {
    const answer = await siege.ask({ path })
    t.equal(answer.status, status, path.slice(0, 100))
    if (status >= 400) refused(t, answer, status, /\w/, path.slice(0, 100))
    t.ok(answer.text.length < 200_000, 'the answer is no larger than it needs to be')
    const condition = path.includes('identifier=x') ? '/x' : path.replace('/_history', '/Patient')
    const conditional = await siege.ask({ method: 'DELETE', path: condition })
    t.ok(conditional.status < 500, `DELETE ${condition.slice(0, 100)}: ${conditional.status}`)
  }
  await siege.unharmed(t, 'queries')
})

t.test('forms', async (t) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const body of [
    'a=1&'.repeat(1_000_000),
    '&'.repeat(10_000_000),
    `identifier=${'a,'.repeat(5_000_000)}`,
    `identifier=${'x'.repeat(10_000_000)}`,
    `identifier=${'%41'.repeat(3_000_000)}`,
    'a'.repeat(10_000_000),
  ]) {
    const answer = await siege.ask({ method: 'POST', path: '/Patient/_search', headers, body })
    t.ok(
      answer.status === 400 || answer.status === 413 || body.startsWith('&'),
      `${body.slice(0, 20)}: ${answer.status}`,
    )
    t.ok(answer.text.length < 1_000_000)
  }
  await siege.unharmed(t, 'forms')
})

t.test('headers', async (t) => {
  const strange = [
    '\u00e9',
    '\u00ff\u00fe',
    '"',
    '""',
    ',',
    ';;;',
    '=',
    '*/*;q=NaN',
    'W/',
    'W/"',
    'W/"a"',
    'W/"99999999999999999999"',
    '"1',
    '*',
    '\t',
    '%0d%0a',
    '__proto__',
    'bytes=0-0,1-1,2-2',
    'bytes=-',
    `bytes=${'0-,'.repeat(5000)}`,
    'bytes=99999999999999999999-',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'x'.repeat(20_000),
    ','.repeat(20_000),
    '"'.repeat(20_000),
    `${' '.repeat(20_000)}x`,
    'a=b;'.repeat(5000),
  ]
  const names = [
    'Accept',
    'Accept-Encoding',
    'Accept-Charset',
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'If-Match',
    'If-None-Match',
    'If-Modified-Since',
    'If-None-Exist',
    'If-Range',
    'Range',
    'Prefer',
    'Origin',
    'Referer',
    'traceparent',
    'tracestate',
    'X-Request-Id',
    'X-Forwarded-Host',
    'X-Forwarded-For',
    'X-Security-Context',
    'X-HTTP-Method-Override',
    'Cookie',
    'Upgrade',
    'Expect',
    'Via',
  ]
  for (const name of names) {
    for (const value of strange) {
      const line = `${name}: ${value}\r\n`
      const bytes = [
        `GET /fhir/Patient/p1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${line}\r\n`,
        `PUT /fhir/Patient/p1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${name === 'Content-Type' ? '' : 'Content-Type: application/fhir+json\r\n'}${line}Content-Length: 3\r\n\r\n{]}`,
      ]
      const [read, write] = await Promise.all(
        bytes.map((b) => siege.exchange(Buffer.from(b, 'latin1'), 3000)),
      )
      t.match(read, /^HTTP\/1\.1 (200|206|304|4\d\d) /, `GET with ${line.slice(0, 60)}`)
      t.match(write, /^HTTP\/1\.1 4\d\d /, `PUT with ${line.slice(0, 60)}`)
    }
  }
  await siege.unharmed(t, 'headers')
})

t.test('raw content with strange types', async (t) => {
  for (const type of [
    'text/html',
    'x',
    '\u00e9/x',
    `text/plain; a="${'x'.repeat(10_000)}"`,
    'text/html\tcharset=x',
    'multipart/form-data; boundary=x',
  ]) {
    const bytes = `POST /fhir/Binary HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: 25\r\n\r\n<script>alert(1)</script>`
    const answer = await siege.exchange(Buffer.from(bytes, 'latin1'), 3000)
    t.match(answer, /^HTTP\/1\.1 (201|4\d\d) /, type.slice(0, 50))
    const location = /^location: http:\/\/[^/]+\/fhir(\/Binary\/[^/]+)/im.exec(answer)?.[1]
    if (location === undefined) continue
    const read = await siege.ask({ path: location })
    t.equal(read.status, 200)
    if (!String(read.headers['content-type']).startsWith('application/fhir+json')) {
      t.match(read.headers, { 'x-content-type-options': 'nosniff', 'content-security-policy': /sandbox/ })
    }
  }
  await siege.settle()
  await siege.unharmed(t, 'raw content')
})

t.test('every method everywhere', async (t) => {
  for (const method of [
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'PURGE',
    'LOCK',
    'OPTIONS',
    'HEAD',
    'PUT',
    'PATCH',
    'POST',
    'SEARCH',
    'M-SEARCH',
  ]) {
    for (const path of ['/fhir', '/fhir/metadata', '/fhir/Patient', '/', '/metrics', '/health/live', '*']) {
      const answer = await siege.exchange(
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        2000,
      )
      if (method !== 'CONNECT') t.match(answer, /^HTTP\/1\.1 [24]\d\d /, `${method} ${path}`)
    }
  }
  t.equal(
    (await siege.post('Patient', patient, { ...fhirJson, 'x-http-method-override': 'DELETE' })).status,
    201,
  )
  await siege.settle()
  await siege.unharmed(t, 'methods')
})
