import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import { createGenerator } from '../../src/demo/generate.ts'
import { load } from '../../src/demo/load.ts'
import { connect } from '../../src/demo/send.ts'

const serve = async (t: { teardown(f: () => void): unknown }, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`
}

const read = async (request: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const piece of request.setEncoding('utf8')) text += piece
  return text
}

t.test('a hospital arrives whole, the house before the patients', async (t) => {
  const types: string[] = []
  let inFlight = 0
  let most = 0
  const base = await serve(t, async (request, response) => {
    if (request.method === 'GET') return response.end('{}')
    most = Math.max(most, ++inFlight)
    const bundle = JSON.parse(await read(request))
    types.push(bundle.entry[0].resource.resourceType)
    inFlight--
    response.end('{"resourceType":"Bundle","type":"transaction-response"}')
  })
  const seen: number[] = []
  const loaded = await load({
    generator: createGenerator(1),
    sink: await connect(base),
    first: 5,
    patients: 12,
    concurrency: 3,
    onProgress: ({ patients }) => seen.push(patients),
  })
  t.same(types.slice(0, 3), ['Organization', 'Practitioner', 'Slot'])
  t.same(new Set(types.slice(3)), new Set(['Patient']))
  t.equal(types.length, 15)
  t.equal(loaded.patients, 12)
  t.equal(seen.at(-1), 12)
  t.ok(most <= 3, `${most} at the same time`)
})

t.test('a server that puts off is asked again', async (t) => {
  let posts = 0
  const base = await serve(t, async (request, response) => {
    if (request.method === 'GET') return response.end('{}')
    await read(request)
    posts++
    if (posts === 1) return response.writeHead(503, { 'retry-after': '0' }).end()
    if (posts === 2) return request.socket.destroy()
    response.end('{}')
  })
  const sink = await connect(base)
  await sink.deliver('x', '{}')
  t.equal(posts, 3)
})

t.test('a refusal stops the load with what the server said', async (t) => {
  const outcome = {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'value', diagnostics: 'No.', expression: ['Bundle.entry[3]'] }],
  }
  let posts = 0
  const base = await serve(t, async (request, response) => {
    if (request.method === 'GET') return response.end('{}')
    await read(request)
    posts++
    response.writeHead(422).end(JSON.stringify(outcome))
  })
  const sink = await connect(base)
  const refused = load({
    generator: createGenerator(1),
    sink,
    first: 0,
    patients: 5,
    concurrency: 2,
    onProgress: () => {},
  })
  const error = await refused.then(
    () => undefined,
    (e: unknown) => e,
  )
  t.ok(error instanceof Problem)
  t.match(error, {
    status: 422,
    issues: [{ diagnostics: 'The server answers 422: No.', expression: ['Bundle.entry[3]'] }],
  })
  t.equal(posts, 1)
})

t.test('no server, or another one, is said in a sentence', async (t) => {
  await t.rejects(connect('http://127.0.0.1:1/fhir'), /No server answers at .* Start one with "npm start"/)
  const base = await serve(t, (_request, response) => response.writeHead(404).end())
  await t.rejects(connect(base), /metadata answers 404/)
})
