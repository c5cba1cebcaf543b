/** A web page that points its own name at this machine must not be answered: DNS rebinding. */
import t from 'tap'
import { besiege, refused, type Siege } from './siege.ts'

const statusFor = async ({ exchange }: Siege, host: string, path = '/fhir/metadata'): Promise<number> => {
  const answer = await exchange(`HEAD ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  return Number(answer.slice(9, 12))
}

const local = [
  'localhost',
  'LocalHost',
  'localhost:1',
  'localhost.',
  '127.0.0.1',
  '127.9.9.9:80',
  '[::1]',
  '[::1]:8080',
]
const foreign = [
  'evil.example',
  'evil.example:8080',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '127.evil.example',
  'evil.example@127.0.0.1',
  '127.0.0.1@evil.example',
  'notlocalhost',
  '0.0.0.0',
  '192.168.0.1',
  '[::2]',
  '::1',
  'localhost:x',
  'localhost, evil.example',
  '',
]

t.test('on a loopback address', async (t) => {
  const siege = await besiege(t)
  for (const host of local) t.equal(await statusFor(siege, host), 200, host)
  for (const host of foreign) t.equal(await statusFor(siege, host), 421, host)
  for (const path of ['/', '/metrics', '/health/live', '/nothing'])
    t.equal(await statusFor(siege, 'evil.example', path), 421, path)
  const headers = { host: 'evil.example', 'content-type': 'application/fhir+json' }
  refused(t, await siege.post('Patient', '{"resourceType":"Patient"}', headers), 421, /BASE_URL/, 'a create')
  const forwarded = { host: 'evil.example', 'x-forwarded-host': 'localhost' }
  refused(
    t,
    await siege.ask({ path: '/metadata', headers: forwarded }),
    421,
    /BASE_URL/,
    'a proxy that is none',
  )
  t.match(await siege.exchange('GET /fhir/metadata HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /, 'no name at all')
  await siege.unharmed(t, 'foreign names')
})

t.test('with a BASE_URL its host is answered too', async (t) => {
  const siege = await besiege(t, { BASE_URL: 'https://fhir.example.org/fhir' })
  for (const host of [...local, 'fhir.example.org', 'FHIR.example.org'])
    t.equal(await statusFor(siege, host), 200, host)
  for (const host of [...foreign, 'example.org', 'fhir.example.org.evil.example'])
    t.equal(await statusFor(siege, host), 421, host)
})

t.test('on an address for everybody', async (t) => {
  const siege = await besiege(t, { HOST: '0.0.0.0', LAMPLIGHT_AUTHORIZATION: 'on' })
  for (const host of [...local, 'evil.example', '192.168.0.1'])
    t.equal(await statusFor(siege, host), 200, host)
})
