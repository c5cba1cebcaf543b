/** The runner itself: it must notice what is wrong, in answers and in cases. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { caseFaults } from '../../conformance/case.ts'
import { createClient } from '../../conformance/client.ts'
import { at, type Json } from '../../conformance/json.ts'
import { readCases } from '../../conformance/load-cases.ts'
import { differs } from '../../conformance/matcher.ts'
import { claimsOf, matrixOf, verdictOf } from '../../conformance/matrix.ts'
import { readOptions } from '../../conformance/options.ts'
import { performCase } from '../../conformance/perform.ts'
import { fill } from '../../conformance/template.ts'

t.test('paths', async (t) => {
  const value = { a: [{ b: 1, name: 'x' }, { name: 'y' }, { b: 3 }] }
  t.equal(at(value, 'a[0].b'), 1)
  t.equal(at(value, 'a[name=y].name'), 'y')
  t.strictSame(at(value, 'a[*].b'), [1, 3])
  t.equal(at(value, 'a[7].b'), undefined)
  t.equal(at(value, ''), value)
  t.throws(() => at(value, 'a..b'), /is not a path/)
})

t.test('tests tell right from wrong', async (t) => {
  const rows: readonly [wanted: Json, right: Json | undefined, wrong: Json | undefined][] = [
    [{ a: [1] }, { a: [1] }, { a: [1, 2] }],
    [{ $present: true }, 0, undefined],
    [{ $present: false }, undefined, null],
    [{ $is: { $x: 1 } }, { $x: 1 }, { $x: 2 }],
    [{ $not: 1 }, 2, 1],
    [{ $matches: '^a' }, 'ab', 'ba'],
    [{ $matches: '^a' }, 'a', undefined],
    [{ $contains: 'b' }, 'abc', 'ac'],
    [{ $contains: 'b' }, ['a', 'b'], ['a', 'bc']],
    [{ $lacks: 'b' }, 'ac', 'abc'],
    [{ $lacks: 'b' }, 'ac', undefined],
    [{ $oneOf: [1, 2] }, 2, 3],
    [{ $length: 2 }, [1, 2], [1]],
    [{ $atLeast: 2 }, [1, 2, 3], [1]],
    [{ $members: [1, 2] }, [2, 1], [1, 1]],
    [{ $every: 1 }, [1, 1], [1, 2]],
    [{ $every: 1 }, [1], []],
    [{ $some: { $like: { a: 1 } } }, [{ a: 2 }, { a: 1, b: 2 }], [{ a: 2 }]],
    [{ $none: 1 }, [2], [1]],
    [{ $like: { a: { $matches: 'x' } } }, { a: 'xx', b: 1 }, { b: 1 }],
    [{ $present: true, $not: 1 }, 2, 1],
  ]
  for (const [wanted, right, wrong] of rows) {
    t.equal(differs(right, wanted), undefined, JSON.stringify(wanted))
    t.type(differs(wrong, wanted), 'string', JSON.stringify(wanted))
  }
  t.match(differs(1, { $unheard: 1 }), /no test \$unheard/)
})

t.test('variables', async (t) => {
  const variables = new Map<string, Json>([
    ['p.id', '1'],
    ['list', [1]],
  ])
  t.strictSame(fill({ '{{p.id}}': 'a{{p.id}}', b: '{{list}}' } as Json, variables), { 1: 'a1', b: [1] })
  t.throws(() => fill('{{q}}', variables), /nothing was captured as \{\{q\}\}/)
})

const step = { when: 'GET Patient/1', expect: { status: 200 } }
const sound = { id: 'a', sentence: 's', link: '#a', level: 'SHALL', steps: [step] }

t.test('a case of another form fails', async (t) => {
  t.strictSame(caseFaults(sound), [])
  const wrong: readonly Json[] = [
    {},
    { ...sound, skip: true },
    { ...sound, level: 'PERHAPS' },
    { ...sound, steps: [] },
    { ...sound, steps: [{ ...step, method: 'GET' }] },
    { ...sound, steps: [{ ...step, when: 'FETCH Patient/1' }] },
    { ...sound, steps: [{ ...step, expect: {} }] },
    { ...sound, steps: [{ ...step, expect: { code: 200 } }] },
    { ...sound, steps: [{ ...step, expect: { body: { 'a..b': 1 } } }] },
    { ...sound, steps: [{ ...step, expect: { body: { a: { $unheard: 1 } } } }] },
    { ...sound, steps: [{ ...step, capture: { a: { from: 'x' } } }] },
  ]
  for (const value of wrong) t.ok(caseFaults(value).length > 0, JSON.stringify(value))
  const file = (cases: unknown) => JSON.stringify({ page: 'http://p', cases })
  t.match(readCases('s', '{'), [{ faults: [/not JSON/] }])
  t.match(readCases('s', '{}'), [{ faults: [/no "page"/] }])
  t.match(readCases('s', file([sound])), [{ faults: [], case: { link: 'http://p#a' } }])
  const client = createClient()
  t.teardown(client.close)
  const [unknown] = readCases('s', file([{ ...sound, skip: true }]))
  const result = await performCase({ client, base: 'http://127.0.0.1:1' }, unknown!)
  t.match(result, { passed: false, faults: ['the case has "skip", which means nothing'] })
})

t.test('wrong answers and no answers fail', async (t) => {
  const server = createServer((_request, response) => response.writeHead(200).end('{"active":true}'))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const client = createClient()
  t.teardown(client.close)
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const perform = (more: object, on = base) => {
    const [one] = readCases('s', JSON.stringify({ page: 'http://p', cases: [{ ...sound, ...more }] }))
    return performCase({ client, base: on }, one!)
  }
  const expecting = (expect: object, more: object = {}) => perform({ steps: [{ ...step, expect, ...more }] })
  t.match(await expecting({ status: 200, body: { active: true } }), { passed: true })
  t.match(await expecting({ status: 201 }), {
    faults: ['step 1, GET Patient/1: status is 200, expected 201'],
  })
  t.match(await expecting({ body: { active: false } }), { passed: false })
  t.match(await expecting({ headers: { etag: 'W/"1"' } }), { passed: false })
  t.match(await expecting({ issue: { code: 'not-found' } }), { passed: false })
  t.match(await expecting({ text: '' }), { passed: false })
  t.match(await expecting({ status: 200 }, { capture: { x: 'id' } }), { faults: [/nothing to capture as x/] })
  t.match(await expecting({ statuses: { 201: 2 } }, { together: 2 }), { passed: false })
  t.match(await expecting({ distinct: { active: 2 } }, { together: 2 }), { passed: false })
  t.match(await expecting({ body: { x: '{{nobody}}' } }), { faults: [/nothing was captured/] })
  t.match(await perform({ given: { p: { resourceType: 'Patient' } } }), {
    faults: [/given p: status is 200/],
  })
  t.match(await perform({}, 'http://127.0.0.1:1'), { faults: [/ECONNREFUSED/] })
})

t.test('claims and proofs', async (t) => {
  const resource = [
    {
      type: 'Patient',
      interaction: [{ code: 'read' }],
      conditionalCreate: true,
      conditionalUpdate: false,
      searchParam: [{ name: 'identifier', type: 'token' }],
    },
  ]
  const statement = {
    format: ['json'],
    rest: [{ mode: 'server', resource, interaction: [{ code: 'batch' }] }],
  }
  const claims = claimsOf(statement)
  t.strictSame(claims, [
    'capabilities',
    'format json',
    'read',
    'conditionalCreate',
    'search by token',
    'batch',
  ])
  const [one] = readCases(
    's',
    JSON.stringify({ page: 'p', cases: [{ ...sound, proves: ['read', 'other'] }] }),
  )
  const result = { suite: 's', id: 'a', passed: true, faults: [], milliseconds: 1, case: one!.case! }
  const rows = matrixOf(statement, [result, { ...result, passed: false }])
  t.match(rows[2], { claim: 'read', claimed: true, passed: 1, cases: 2 })
  t.match(rows.at(-1), { claim: 'other', claimed: false })
  t.strictSame(rows.map(verdictOf), ['not yet', 'not yet', 'fails', 'not yet', 'not yet', 'not yet', 'fails'])
})

t.test('options', async (t) => {
  t.match(readOptions(['--base', 'http://a/fhir/', '--only', 'a,b']), {
    base: 'http://a/fhir',
    only: ['a', 'b'],
  })
  t.throws(() => readOptions(['--base', 'a']), /takes a URL/)
  t.throws(() => readOptions(['--readme', '--only', 'a']), /leave --only out/)
  t.throws(() => readOptions(['--colour']))
})
