/** JSON that is malformed, ambiguous or without measure: http://hl7.org/fhir/R4/json.html */
import t from 'tap'
import { besiege, bundle, refused } from './siege.ts'

const siege = await besiege(t)
const nested = (depth: number): string =>
  `{"resourceType":"Patient","extension":[{"url":"http://x","valueString":"a"}],"x":${'['.repeat(depth)}${']'.repeat(depth)}}`
const withName = (text: string): string => `{"resourceType":"Patient","name":[{"family":${text}}]}`
const entry = (resource: string): string =>
  `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${resource},"request":{"method":"POST","url":"Patient"}}]}`

type Row = readonly [what: string, body: string | Buffer, status: number, words: RegExp]

const alone: readonly Row[] = [
  ['a comma too much', '{\n  "resourceType": "Patient",\n}', 400, /Line 3, column 1/],
  ['a text that ends early', '{"resourceType":"Patient"', 400, /Line 1, column \d+/],
  ['a mistake far behind', `{"resourceType":"Patient",${'\n'.repeat(5000)}"active":tru}`, 400, /Line 5001/],
  ['single quotes', "{'resourceType':'Patient'}", 400, /Line 1/],
  ['NaN', '{"resourceType":"Patient","active":NaN}', 400, /Line 1/],
  ['a leading zero', '{"resourceType":"Patient","multipleBirthInteger":01}', 400, /Line 1/],
  ['a comment', '{"resourceType":"Patient"/* */}', 400, /Line 1/],
  ['text after the end', '{"resourceType":"Patient"} {}', 400, /Line 1/],
  ['an array', '[]', 400, /object/],
  ['a number', '1', 400, /object/],
  ['null', 'null', 400, /object/],
  ['nothing', '', 400, /body/],
  ['spaces', '   ', 400, /empty/],
  ['another type', '{"resourceType":"Observation"}', 400, /Patient/],
  ['no type', '{"active":true}', 400, /resourceType/],
  ['a type that is no text', '{"resourceType":["Patient"]}', 400, /resourceType/],
  ['a repeated key', '{"resourceType":"Patient","active":true,"active":false}', 400, /repeated|twice|once/i],
  [
    'an escaped repetition',
    '{"resourceType":"Patient","active":true,"\\u0061ctive":false}',
    400,
    /repeated|twice|once/i,
  ],
  ['__proto__', '{"resourceType":"Patient","__proto__":{"active":true}}', 400, /__proto__/],
  ['__proto__ inside', '{"resourceType":"Patient","name":[{"__proto__":{"family":"x"}}]}', 400, /__proto__/],
  ['_proto_ of a type', '{"resourceType":"__proto__"}', 400, /resourceType/],
  ['constructor', '{"resourceType":"Patient","constructor":{"prototype":{"x":1}}}', 400, /constructor/],
  ['toString', '{"resourceType":"Patient","toString":1,"hasOwnProperty":1}', 400, /toString/],
  [
    '__defineGetter__',
    '{"resourceType":"Patient","maritalStatus":{"__defineGetter__":"x"}}',
    400,
    /__defineGetter__/,
  ],
  ['a null character', withName('"a\\u0000b"'), 400, /u0000/],
  ['a null character in a name', '{"resourceType":"Patient","a\\u0000":1}', 400, /u0000/],
  ['a raw null character', withName('"a\u0000b"'), 400, /Line 1/],
  ['a raw line break in text', withName('"a\nb"'), 400, /Line 1/],
  ['half of a pair', withName('"\\ud800"'), 400, /surrogate/],
  ['the other half', withName('"\\udc00x"'), 400, /surrogate/],
  ['halves in the wrong order', withName('"\\udc00\\ud800"'), 400, /surrogate/],
  ['not UTF-8', Buffer.from(withName('"\u00ff"'), 'latin1'), 400, /UTF-8/],
  [
    'an overlong form',
    Buffer.concat([Buffer.from('{"resourceType":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
    400,
    /UTF-8/,
  ],
  [
    'a half as bytes',
    Buffer.concat([Buffer.from('{"resourceType":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    400,
    /UTF-8/,
  ],
  ['UTF-16', Buffer.from(withName('"x"'), 'utf16le'), 400, /UTF-8|Line 1/],
  ['101 levels', nested(100), 400, /100/],
  ['a million levels', nested(1_000_000), 400, /100/],
  ['a million objects', `${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`, 400, /100/],
  ['levels that never close', '['.repeat(1_000_000), 400, /\{/],
  [
    'a number beyond all',
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1e999999}}',
    400,
    /number|range/,
  ],
  ['an unknown element', '{"resourceType":"Patient","nonsense":1}', 400, /nonsense/],
  ['an id in a create that is none', '{"resourceType":"Patient","id":"../../etc/passwd"}', 400, /id/],
  ['an empty id', '{"resourceType":"Patient","id":""}', 400, /id/],
]

t.test('one resource', async (t) => {
  for (const [what, body, status, words] of alone) {
    const type = String(body).includes('"Observation","status"') ? 'Observation' : 'Patient'
    refused(t, await siege.post(type, body), status, words, what)
    await siege.unharmed(t, what)
  }
})

t.test('the same inside of a transaction', async (t) => {
  for (const [what, body, status] of alone) {
    if (typeof body !== 'string' || body.trim() === '' || body.startsWith('{"resourceType":"Patient"} '))
      continue
    const answer = await siege.ask({
      method: 'POST',
      path: '',
      headers: { 'content-type': 'application/fhir+json' },
      body: entry(body),
    })
    t.equal(answer.status, status, `${what} in a transaction`)
  }
  await siege.unharmed(t, 'transactions')
})

t.test('keys of a Bundle that would reach a prototype', async (t) => {
  const bodies = [
    '{"resourceType":"Bundle","type":"batch","__proto__":{"entry":[]}}',
    '{"resourceType":"Bundle","type":"batch","entry":[{"__proto__":{"request":{"method":"DELETE","url":"Patient/1"}}}]}',
    '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"__proto__":{"method":"GET"},"method":"GET","url":"Patient"}}]}',
    '{"resourceType":"Bundle","type":"batch","type":"transaction","entry":[]}',
    '{"resourceType":"Bundle","type":"batch","entry":[],"entry":[]}',
    '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient"},"request":{"method":"GET","url":"Patient"}}]}',
    '{"resourceType":"Bundle","type":"batch","entry":{"length":1e9}}',
    '{"resourceType":"Bundle","type":"batch","entry":[null]}',
    '{"resourceType":"Bundle","type":"constructor","entry":[]}',
    '{"resourceType":"Bundle","type":"batch","entry":[[[[[[]]]]]]}',
  ]
  for (const body of bodies) {
    const answer = await siege.ask({
      method: 'POST',
      path: '',
      headers: { 'content-type': 'application/fhir+json' },
      body,
    })
    refused(t, answer, 400, /./, body)
  }
  await siege.unharmed(t, 'Bundles')
})

t.test('large, and still answered', async (t) => {
  const observation = (value: string): string =>
    `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":${value}}}`
  const digits = await siege.post('Observation', observation(`0.${'1'.repeat(15_000)}`))
  t.equal(digits.status, 201, '15,000 digits are kept')
  t.match(digits.text, `0.${'1'.repeat(15_000)}`)
  const names = JSON.stringify({
    resourceType: 'Patient',
    name: [{ given: Array.from({ length: 100_000 }, (_, n) => `n${n}`) }],
  })
  const many = await siege.post('Patient', names)
  t.equal(many.status, 201, '100,000 names')
  const identifiers = JSON.stringify({
    resourceType: 'Patient',
    identifier: Array.from({ length: 100_000 }, (_, n) => ({ system: 'http://x', value: `v${n}` })),
  })
  const identified = await siege.post('Patient', identifiers)
  t.equal(identified.status, 201, '100,000 identifiers')
  const found = await siege.ask({ path: '/Patient?identifier=http://x|v99999&_elements=id' })
  t.equal(JSON.parse(found.text).entry?.length, 1)
  await siege.settle()
  refused(
    t,
    await siege.post('Observation', observation('1'.repeat(200_000))),
    400,
    /number within range/,
    '200,000 digits',
  )
  refused(
    t,
    await siege.post('Observation', observation(`1.${'0'.repeat(200_000)}`)),
    422,
    /large/,
    '200,000 zeros',
  )
  refused(
    t,
    await siege.post('Patient', withName(`"${'x'.repeat(2_000_000)}"`)),
    400,
    /1048576/,
    'two million characters',
  )
  const references = JSON.stringify({
    resourceType: 'List',
    status: 'current',
    mode: 'working',
    entry: Array.from({ length: 100_000 }, (_, n) => ({ item: { reference: `Patient/none-${n}` } })),
  })
  refused(t, await siege.post('List', references), 422, /does not exist/, '100,000 references to nothing')
  const wrong = JSON.stringify({ resourceType: 'Patient', name: Array.from({ length: 100_000 }, () => 1) })
  const judged = await siege.post('Patient', wrong)
  refused(t, judged, 400, /name/, '100,000 mistakes')
  t.ok(judged.text.length < 5_000_000, 'not a word for each of them')
  const repeated = `{"resourceType":"Patient"${',"active":true'.repeat(500_000)}}`
  refused(t, await siege.post('Patient', repeated), 400, /active/, '500,000 repeated keys')
  await siege.unharmed(t, 'large ones')
})

t.test('entries', async (t) => {
  const look = { request: { method: 'GET', url: 'Patient/nobody' } }
  const headers = { 'content-type': 'application/fhir+json' }
  const tooMany = bundle(
    'batch',
    Array.from({ length: 10_001 }, () => look),
  )
  refused(
    t,
    await siege.ask({ method: 'POST', path: '', headers, body: tooMany }),
    413,
    /10000 entries/,
    'entries',
  )
  const hollow = `{"resourceType":"Bundle","type":"batch","entry":[${'{},'.repeat(2_000_000)}{}]}`
  refused(
    t,
    await siege.ask({ method: 'POST', path: '', headers, body: hollow }),
    413,
    /10000 entries/,
    'empty ones',
  )
  await siege.unharmed(t, 'entries')
})

t.test('values that make bad regular expressions slow', async (t) => {
  const many = 200_000
  const rows: readonly (readonly [string, string, object])[] = [
    ['base64', 'Binary', { contentType: 'x/y', data: ' '.repeat(many) }],
    ['base64 with spaces', 'Binary', { contentType: 'x/y', data: `${'AAAA '.repeat(many)}!` }],
    ['a code', 'Patient', { gender: `${'a '.repeat(many)} ` }],
    ['a code of spaces', 'Patient', { gender: ' '.repeat(many) }],
    ['an OID', 'Patient', { extension: [{ url: 'http://x', valueOid: `urn:oid:1${'.1'.repeat(many)}x` }] }],
    ['a date', 'Patient', { birthDate: '1'.repeat(many) }],
    ['an instant', 'Patient', { meta: { lastUpdated: `2020-01-01T00:00:00.${'0'.repeat(many)}` } }],
    ['an id', 'Patient', { id: 'a'.repeat(many) }],
    ['a URI', 'Patient', { implicitRules: `${'a'.repeat(many)} ` }],
    ['a time', 'Patient', { extension: [{ url: 'http://x', valueTime: '0'.repeat(many) }] }],
    ['XHTML', 'Patient', { text: { status: 'generated', div: `${' '.repeat(many)}<` } }],
    ['XHTML never closed', 'Patient', { text: { status: 'generated', div: '<div '.repeat(many) } }],
    [
      'a reference',
      'Observation',
      { status: 'final', code: { text: 'x' }, subject: { reference: `${'a/'.repeat(many)} ` } },
    ],
    [
      'a conditional reference',
      'Observation',
      { status: 'final', code: { text: 'x' }, subject: { reference: `Patient?${'a='.repeat(many)}` } },
    ],
  ]
  for (const [what, resourceType, members] of rows) {
    const answer = await siege.post(resourceType, JSON.stringify({ resourceType, ...members }))
    t.ok(answer.status < 500, `${what}: ${answer.status}`)
  }
  await siege.settle()
  await siege.unharmed(t, 'regular expressions')
})
