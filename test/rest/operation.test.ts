import t from 'tap'
import { defineOperation, resourceReply } from '../../src/rest/operation.ts'
import type { Request } from '../../src/rest/request.ts'
import { openRest, textOf } from '../support/rest.ts'

const echo = defineOperation({
  code: 'echo',
  url: 'http://example.org/OperationDefinition/echo',
  on: ['system', 'type', 'instance'],
  types: ['Patient'],
  affectsState: false,
  input: {
    word: { type: 'code', min: 1 },
    count: { type: 'integer' },
    tag: { type: 'Coding', max: Number.POSITIVE_INFINITY },
    patient: { type: 'Patient' },
    pair: { part: { left: { type: 'string', min: 1 }, right: { type: 'string' } } },
  },
  run: (_house, _ctx, call) =>
    resourceReply({
      resourceType: 'Basic',
      said: [call.type ?? null, call.id ?? null, call.one('word') ?? null, call.one('count') ?? null],
      tags: [...call.all('tag')],
      patient: call.resource('patient')?.text ?? null,
    }),
})

const change = defineOperation({
  code: 'change',
  url: 'http://example.org/OperationDefinition/change',
  on: ['system'],
  types: [],
  affectsState: true,
  input: {},
  run: () => ({ status: 204 }),
})

const call = (request: Partial<Request>): Request => ({
  interaction: 'operation',
  operation: 'echo',
  query: [],
  ...request,
})

const parameters = (...parameter: readonly object[]) => ({
  text: JSON.stringify({ resourceType: 'Parameters', parameter }),
})

t.test('operations', async (t) => {
  const { perform } = await openRest(t, { operations: [echo, change] })
  const said = async (request: Partial<Request>) => JSON.parse(textOf(await perform(call(request))))
  const refused = (request: Partial<Request>, status: number, words: RegExp) =>
    t.rejects(perform(call(request)), { status, message: words } as never)

  await t.test('take their input from the query', async (t) => {
    const query = [
      ['word', 'a'],
      ['count', '3'],
    ] as const
    t.strictSame((await said({ query, type: 'Patient', id: '1' })).said, ['Patient', '1', 'a', 3])
  })

  await t.test('take their input from Parameters, resources as they were written', async (t) => {
    const text =
      '{"resourceType":"Parameters","parameter":[{"name":"patient","resource":{"resourceType":"Patient","multipleBirthInteger":1.0}},{"name":"word","valueString":"a"},{"name":"tag","valueCoding":{"code":"x"}}]}'
    t.match(await said({ posted: true, body: { text } }), {
      tags: [{ code: 'x' }],
      patient: '{"resourceType":"Patient","multipleBirthInteger":1.0}',
    })
  })

  await t.test('take a bare resource beside the query', async (t) => {
    const body = { text: '{"resourceType":"Patient"}' }
    t.match(await said({ posted: true, query: [['word', 'a']], body }), { patient: body.text })
  })

  await t.test('refuse what they do not know', async () => {
    await refused(
      {
        query: [
          ['word', 'a'],
          ['wort', 'b'],
        ],
      },
      400,
      /no parameter wort\. Did you mean word/,
    )
    await refused({}, 400, /word is missing/)
    await refused(
      {
        query: [
          ['word', 'a'],
          ['word', 'b'],
        ],
      },
      400,
      /repeated/,
    )
    await refused(
      {
        query: [
          ['word', 'a'],
          ['count', 'x'],
        ],
      },
      400,
      /whole number/,
    )
    await refused({ query: [['tag', 'a|b']] }, 400, /POST/)
    await refused({ posted: true, body: { text: '{"resourceType":"Group"}' } }, 400, /takes Parameters/)
    await refused({ posted: true, body: parameters({ name: 'word', valueQuantity: {} }) }, 400, /.+/)
    await refused(
      { posted: true, body: parameters({ name: 'word', valueCode: 'a' }, { name: 'pair' }) },
      400,
      /left, right/,
    )
    await refused({ operation: 'eco' }, 404, /Did you mean \$echo/)
    await refused({ type: 'Group' }, 400, /\/Patient\/\$echo/)
  })

  await t.test('that change something are not called with GET, nor in a transaction', async () => {
    await refused({ operation: 'change' }, 405, /POST/)
    const entry = [{ request: { method: 'POST', url: '$change' } }]
    const body = { text: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }) }
    await t.rejects(perform({ interaction: 'batch', query: [], body }), {
      message: /cannot be part of a transaction/,
    })
  })

  await t.test('can be called from a batch and from a transaction', async (t) => {
    for (const type of ['batch', 'transaction']) {
      const entry = [
        { request: { method: 'GET', url: 'Patient/$echo?word=a' } },
        {
          request: { method: 'POST', url: '$echo' },
          resource: JSON.parse(parameters({ name: 'word', valueCode: 'b' }).text),
        },
      ]
      const body = { text: JSON.stringify({ resourceType: 'Bundle', type, entry }) }
      const bundle = JSON.parse(textOf(await perform({ interaction: 'batch', query: [], body })))
      t.strictSame(bundle.entry[0].resource.said, ['Patient', null, 'a', null])
      t.strictSame(bundle.entry[1].resource.said, [null, null, 'b', null])
    }
  })
})
