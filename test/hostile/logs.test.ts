/** Nothing of a patient stands in the log, whatever goes wrong, nor in metrics: every value planted here is looked for there. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { database, urlOf } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import { askAt, bundle, exchangeAt, fhirJson, temporary } from './siege.ts'

/** A word that occurs nowhere else. */
const plant = (place: string): string =>
  `planted${createHash('sha256').update(place).digest('hex').slice(0, 12)}`

t.test('at the most talkative level', async (t) => {
  const url = urlOf(await database(t))
  const server = await startServer(t, {
    env: {
      DATABASE_URL: url,
      LAMPLIGHT_DATA: temporary(t),
      LOG_LEVEL: 'trace',
      LAMPLIGHT_BODY_LIMIT: '100KB',
    },
  })
  const ask = (method: string, path: string, body?: string, headers: Record<string, string> = fhirJson) =>
    askAt(server.base, { method, path, headers, ...(body === undefined ? {} : { body }) })
  const patient = (more: object = {}): string =>
    JSON.stringify({
      resourceType: 'Patient',
      name: [{ family: plant('name') }],
      identifier: [{ system: 'http://x', value: plant('identifier') }],
      ...more,
    })
  const statuses = new Set<number>()
  const note = async (answer: Promise<{ status: number }>): Promise<void> => {
    statuses.add((await answer).status)
  }

  await note(ask('POST', '/Patient', patient()))
  await note(ask('PUT', `/Patient/${plant('id')}`, patient({ id: plant('id') })))
  await note(ask('GET', `/Patient/${plant('id')}`))
  await note(ask('GET', `/Patient/${plant('missing')}`))
  await note(ask('GET', `/Patient/${plant('bad')}%20${plant('bad')}`))
  await note(ask('GET', `/${plant('type')}/1`))
  await note(ask('GET', `/Patient?identifier=${plant('query')}`))
  await note(ask('GET', `/Patient?${plant('parameter')}=${plant('value')}`))
  await note(
    ask('POST', '/Patient/_search', `identifier=${plant('form')}`, {
      'content-type': 'application/x-www-form-urlencoded',
    }),
  )
  await note(ask('POST', '/Patient', `{"resourceType":"Patient","name":"${plant('malformed')}`))
  await note(ask('POST', '/Patient', `{"resourceType":"Patient","${plant('key')}":1}`))
  await note(ask('POST', '/Patient', patient({ birthDate: plant('date') })))
  await note(ask('POST', '/Patient', patient({ photo: [{ title: plant('large').repeat(10_000) }] })))
  await note(
    ask(
      'POST',
      '/Patient',
      patient({ managingOrganization: { reference: `Organization/${plant('reference')}` } }),
    ),
  )
  await note(
    ask('POST', '/Patient', patient(), { ...fhirJson, 'if-none-exist': `identifier=${plant('condition')}` }),
  )
  await note(
    ask(
      'PATCH',
      `/Patient/${plant('id')}`,
      JSON.stringify([{ op: 'test', path: `/${plant('pointer')}`, value: plant('test') }]),
      { 'content-type': 'application/json-patch+json' },
    ),
  )
  await note(
    ask('PUT', `/Patient/${plant('id')}`, patient({ id: plant('id') }), {
      ...fhirJson,
      'if-match': `W/"${plant('etag')}"`,
    }),
  )
  await note(
    ask('POST', '', bundle('batch', [{ request: { method: 'GET', url: `Patient/${plant('entry')}` } }])),
  )
  await note(
    ask(
      'POST',
      '',
      bundle('transaction', [
        {
          request: { method: 'POST', url: 'Patient' },
          resource: JSON.parse(
            patient({
              link: [{ other: { reference: `Patient?identifier=${plant('conditional')}` }, type: 'seealso' }],
            }),
          ),
        },
      ]),
    ),
  )
  await note(
    ask('GET', '/metadata', undefined, {
      accept: plant('accept'),
      authorization: `Bearer ${plant('token')}`,
      cookie: plant('cookie'),
      'user-agent': plant('agent'),
      referer: `http://x/${plant('referer')}`,
      'x-request-id': plant('request'),
    }),
  )
  await exchangeAt(
    Number(new URL(server.base).port),
    `GET /fhir/Patient/${plant('raw')} HTTP/1.1\r\nHost: ${plant('host')}\r\n\r\nnonsense ${plant('nonsense')}\r\n\r\n`,
    200,
  )
  await exchangeAt(
    Number(new URL(server.base).port),
    `GET /fhir/Patient/%${plant('escape')} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    200,
  )

  await breakDatabase(url)
  for (const broken of [
    ask('POST', '/Patient', patient()),
    ask('GET', `/Patient/${plant('id')}`),
    ask('GET', `/Patient?identifier=${plant('identifier')}`),
    ask(
      'POST',
      '',
      bundle('batch', [{ request: { method: 'GET', url: `Patient?identifier=${plant('identifier')}` } }]),
    ),
    ask(
      'POST',
      '',
      bundle('transaction', [
        { request: { method: 'POST', url: 'Patient' }, resource: JSON.parse(patient()) },
      ]),
    ),
  ])
    await note(broken)
  t.strictSame(
    [...statuses].sort(),
    [200, 201, 400, 404, 406, 412, 413, 422, 500],
    'every kind of answer was given',
  )

  await sleep(100)
  const output = server.output()
  t.ok(output.length < 100_000, 'the whole log is seen')
  t.ok(output.split('\n').filter((line) => line.includes('"msg":"request"')).length > 20)
  t.match(output, /"msg":"request failed"/)
  t.match(output, /"msg":"a batch entry failed unexpectedly"/)
  const places =
    'name identifier id missing bad type query parameter value form malformed key date large reference condition pointer test etag entry conditional accept token cookie agent referer request raw host nonsense escape'
  const { text } = await askAt(server.base.replace('/fhir', ''), { path: '/metrics' })
  for (const place of places.split(' ')) {
    t.notOk(output.includes(plant(place)), `the log does not have the ${place}`)
    t.notOk(text.includes(plant(place)), `metrics do not have the ${place}`)
  }
})

/** Every statement fails, and PostgreSQL quotes values when it says why. */
const breakDatabase = async (url: string): Promise<void> => {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('alter table resource_version rename to elsewhere')
  await client.query(
    `create function quote(t text) returns int language plpgsql as $$ begin raise exception 'about %', t; end $$`,
  )
  await client.query('create view resource_version as select * from elsewhere where quote(content) = 1')
  await client.end()
}
