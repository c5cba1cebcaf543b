/** Patches that are small and want much: http://hl7.org/fhir/R4/http.html#patch */
import t from 'tap'
import { type Answer, besiege, bundle, fhirJson } from './siege.ts'

const siege = await besiege(t)
const formats = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  path: 'application/fhir+json',
} as const

t.before(async () => {
  const family = 'x'.repeat(1_000_000)
  await siege.ask({
    method: 'PUT',
    path: '/Patient/large',
    headers: fhirJson,
    body: JSON.stringify({ resourceType: 'Patient', id: 'large', name: [{ family }, { given: ['a', 'b'] }] }),
  })
  await siege.ask({
    method: 'PUT',
    path: '/Patient/many',
    headers: fhirJson,
    body: JSON.stringify({
      resourceType: 'Patient',
      id: 'many',
      name: Array.from({ length: 20_000 }, (_, n) => ({ family: `f${n}`, given: [`g${n}`, `h${n}`] })),
    }),
  })
  await siege.settle()
})

const patch = (id: string, format: keyof typeof formats, body: unknown): Promise<Answer> =>
  siege.ask({
    method: 'PATCH',
    path: `/Patient/${id}`,
    headers: { 'content-type': formats[format] },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** FHIRPath Patch that replaces what the expressions select. */
const paths = (...expressions: string[]): object => ({
  resourceType: 'Parameters',
  parameter: expressions.map((path) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: 'replace' },
      { name: 'path', valueString: path },
      { name: 'value', valueBoolean: true },
    ],
  })),
})

const repeat = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n))

t.test('JSON Patch', async (t) => {
  const copy = (from: string, path: string) => ({ op: 'copy', from, path })
  const deep = repeat(200, (n) => copy('/name/0', `/name/0${'/period'.repeat(n + 1)}`))
  const rows: readonly (readonly [what: string, operations: unknown])[] = [
    ['a value doubled again and again', repeat(60, () => copy('/name', '/name/-'))],
    ['a megabyte copied a thousand times', repeat(1000, () => copy('/name/0', '/name/-'))],
    ['the whole resource copied into itself', repeat(100, () => copy('', '/contained'))],
    ['ever deeper', deep],
    ['100,000 operations', repeat(100_000, () => ({ op: 'test', path: '/active', value: true }))],
    ['a shift of a large array, 1,000 times', repeat(1000, () => ({ op: 'add', path: '/name/0', value: 1 }))],
    ['a pointer of a megabyte', [{ op: 'remove', path: '/a'.repeat(500_000) }]],
    ['escapes', [{ op: 'remove', path: `/${'~0~1'.repeat(300_000)}` }]],
    ['an index beyond all', [{ op: 'add', path: '/name/99999999999999999999', value: {} }]],
    ['a length', [{ op: 'replace', path: '/name/length', value: 4_294_967_295 }]],
    ['a prototype', [{ op: 'add', path: '/__proto__/polluted', value: true }]],
    ['a new prototype', [{ op: 'add', path: '/__proto__', value: { polluted: true } }]],
    ['a constructor', [{ op: 'add', path: '/constructor/prototype/polluted', value: true }]],
    ['a prototype of an array', [{ op: 'add', path: '/name/__proto__', value: {} }]],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Observation' }]],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }]],
    ['no resource', [{ op: 'replace', path: '', value: 1 }]],
    ['nothing left', [{ op: 'remove', path: '' }]],
    ['a deep value', `[{"op":"add","path":"/name","value":${'['.repeat(5000)}${']'.repeat(5000)}}]`],
    ['a repeated member', '[{"op":"remove","path":"/name","path":"/active"}]'],
    ['no patch', '[null]'],
    ['numbers of many digits', `[{"op":"test","path":"/name","value":1${'0'.repeat(1_000_000)}}]`],
    ['a power beyond all', `[{"op":"test","path":"/name/0/family","value":1e${'9'.repeat(100_000)}}]`],
  ]
  for (const [what, operations] of rows) {
    const answer = await patch('large', 'json', operations)
    t.ok([400, 403, 413, 422].includes(answer.status), `${what}: ${answer.status}`)
    t.equal(JSON.parse(answer.text).resourceType, 'OperationOutcome')
  }
  await siege.unharmed(t, 'JSON Patch')
})

t.test('JSON Merge Patch', async (t) => {
  const rows: readonly (readonly [what: string, body: string])[] = [
    ['a prototype', '{"__proto__":{"polluted":true}}'],
    ['a prototype inside', '{"maritalStatus":{"__proto__":{"polluted":true}}}'],
    ['deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['as deep as it may be', `${'{"maritalStatus":'.repeat(99)}1${'}'.repeat(99)}`],
    ['another type', '{"resourceType":"Observation"}'],
    ['no id', '{"id":null}'],
    ['an array', '[]'],
    ['a repeated member', '{"active":true,"active":false}'],
  ]
  for (const [what, body] of rows) {
    const answer = await patch('large', 'merge', body)
    t.ok([400, 422].includes(answer.status), `${what}: ${answer.status}`)
  }
  await siege.unharmed(t, 'JSON Merge Patch')
})

t.test('FHIRPath Patch', async (t) => {
  const all = 'Patient.name'
  const rows: readonly (readonly [what: string, body: unknown])[] = [
    ['all with all', paths(`${all}.where(${all}.given.count() > 1)`)],
    ['all with all with all', paths(`${all}.where(${all}.where(${all}.count() > 1).exists())`)],
    ['membership', paths(`${all}.where($this in ${all})`)],
    ['equality', paths(`${all}.where(${all} = ${all})`)],
    ['likeness', paths(`${all}.where(${all}.given ~ ${all}.given)`)],
    ['unions', paths(`(${repeat(80, () => all).join('|')})`)],
    ['unions of given names', paths(`(${repeat(50, () => `${all}.given`).join('|')}).first()`)],
    ['repeat()', paths('repeat($this)')],
    ['descendants()', paths('descendants().descendants()')],
    ['matches()', paths(`${all}.where(family.matches('(x+x+)+y'))`)],
    ['replaceMatches()', paths(`${all}.family.replaceMatches('(x*)*', 'xx')`)],
    ['aggregate()', paths(`${all}.aggregate($total & $total, 'x')`)],
    ['resolve()', paths('Patient.generalPractitioner.resolve()')],
    ['trace()', paths(`trace('x', ${all})`)],
    ['iif()', paths(`iif(true, ${all}, ${all})`)],
    ['an escaped name of a function', paths('Patient.`repeat`($this)')],
    ['a function after a comment', paths('Patient.repeat/**/($this)')],
    ['a function after a line', paths('Patient.repeat\n($this)')],
    ['brackets', paths(`${'('.repeat(450)}${all}${')'.repeat(450)}`)],
    ['brackets that do not close', paths('('.repeat(999))],
    ['signs', paths(`${'-'.repeat(900)}1`)],
    ['operators', paths(repeat(300, () => '1').join('+'))],
    ['comparisons', paths(repeat(200, () => 'a').join('='))],
    ['many words', paths(`${'a.'.repeat(490)}a`)],
    ['nested where', paths(`${'Patient.where('.repeat(60)}true${')'.repeat(60)}`)],
    ['nested indexes', paths(`${`${all}[`.repeat(60)}0${']'.repeat(60)}`)],
    ['text that grows', paths(`${all}.family${'.upper()'.repeat(100)}`)],
    ['text put together', paths(repeat(60, () => `${all}.first().family`).join('&'))],
    ['an expression of a megabyte', paths('a'.repeat(1_000_000))],
    ['200 expensive ones', paths(...repeat(200, () => `${all}.where(given.exists()).given`))],
    ['1,000 operations', paths(...repeat(1000, () => 'Patient.active'))],
    ['200 long ones', paths(...repeat(200, () => repeat(300, () => '1').join('=')))],
    ['a prototype', paths('Patient.__proto__')],
    ['a constructor', paths('Patient.constructor.prototype')],
    ['the environment', paths('%resource.name | %context.name | %ucum')],
    ['a quantity', paths(`${all}.where(1 'mg' = ${"1 'g' + ".repeat(50)} 1 'kg')`)],
  ]
  for (const id of ['many', 'large']) {
    for (const [what, body] of rows) {
      const begun = performance.now()
      const answer = await patch(id, 'path', body)
      const ms = performance.now() - begun
      if (ms > 300) t.comment(`${id}, ${what}: ${Math.round(ms)} ms, ${answer.status}`)
      t.ok([400, 403, 413, 422].includes(answer.status), `${id}, ${what}: ${answer.status}`)
    }
  }
  await siege.unharmed(t, 'FHIRPath Patch')
})

t.test('patches inside of a Bundle', async (t) => {
  const operations = repeat(1000, () => ({ op: 'copy', from: '/name/0', path: '/name/-' }))
  const entry = {
    request: { method: 'PATCH', url: 'Patient/large' },
    resource: {
      resourceType: 'Binary',
      contentType: formats.json,
      data: Buffer.from(JSON.stringify(operations)).toString('base64'),
    },
  }
  for (const type of ['batch', 'transaction']) {
    const entries = type === 'batch' ? repeat(20, () => entry) : [entry]
    const answer = await siege.ask({
      method: 'POST',
      path: '',
      headers: fhirJson,
      body: bundle(type, entries),
    })
    t.equal(answer.status, type === 'batch' ? 200 : 413)
  }
  await siege.unharmed(t, 'patches in Bundles')
})
