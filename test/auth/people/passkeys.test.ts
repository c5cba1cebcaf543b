import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isoCBOR } from '@simplewebauthn/server/helpers'
import t from 'tap'
import { openPeople } from '../../support/people.ts'

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest()

/** An authenticator in software, with one key. */
const authenticator = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { id: randomBytes(16), publicKey, privateKey, counter: 0 }
}
type Authenticator = { id: Buffer; publicKey: KeyObject; privateKey: KeyObject; counter: number }

const dataOf = (key: Authenticator, host: string, flags: number): Buffer => {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(key.counter)
  return Buffer.concat([sha256(host), Buffer.from([flags]), counter])
}

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

const optionsOf = (text: string): { challenge: string } => {
  const json = /data-options="([^"]+)"/.exec(text)?.[1] ?? '{}'
  return JSON.parse(json.replaceAll('&quot;', '"').replaceAll('&amp;', '&'))
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const answerOf = (key: Authenticator, response: object): string =>
  JSON.stringify({
    id: base64(key.id),
    rawId: base64(key.id),
    type: 'public-key',
    clientExtensionResults: {},
    response,
  })

const made = (key: Authenticator, challenge: string, origin: string): string => {
  const { x = '', y = '' } = key.publicKey.export({ format: 'jwk' })
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'))
  const cose = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  )
  const length = Buffer.from([0, key.id.length])
  const data = Buffer.concat([dataOf(key, 'localhost', 0x45), Buffer.alloc(16), length, key.id, cose])
  const attestation = new Map<string, unknown>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', new Uint8Array(data)],
  ])
  return answerOf(key, {
    clientDataJSON: base64(clientData('webauthn.create', challenge, origin)),
    attestationObject: base64(isoCBOR.encode(attestation as never)),
    transports: ['usb'],
  })
}

const proven = (key: Authenticator, challenge: string, origin: string): string => {
  const data = dataOf(key, 'localhost', 0x05)
  const client = clientData('webauthn.get', challenge, origin)
  const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key.privateKey)
  return answerOf(key, {
    clientDataJSON: base64(client),
    authenticatorData: base64(data),
    signature: base64(signature),
  })
}

// On a busy machine they add up.
t.setTimeout(120_000)

t.test('a passkey is set up and proves who signs in', async (t) => {
  const opened = await openPeople(t)
  const { origin } = opened
  await opened.account('doc@example.org', ['doctor'])
  const key = authenticator()
  const browser = opened.browser()
  const { location } = await browser.signIn('doc@example.org')
  const page = await browser.get(location ?? '')
  const nonce = /<script nonce="([^"]+)" src="\/auth\/passkey\.js"/.exec(page.text)?.[1]
  t.ok(nonce)
  t.match(page.headers.get('content-security-policy'), `script-src 'nonce-${nonce}'`)
  const { challenge } = optionsOf(page.text)
  const done = await browser.post('/auth/enrol', { passkey: made(key, challenge, origin) })
  t.equal(done.status, 200)
  t.match(done.text, /recovery codes/)

  const challenged = async () => {
    const one = opened.browser()
    const { location } = await one.signIn('doc@example.org')
    return { one, challenge: optionsOf((await one.get(location ?? '')).text).challenge }
  }
  key.counter = 1
  const first = await challenged()
  const answer = proven(key, first.challenge, origin)
  t.equal((await first.one.post('/auth/second-factor', { passkey: answer })).location, '/auth/account')

  const second = await challenged()
  t.equal((await second.one.post('/auth/second-factor', { passkey: answer })).status, 401, 'an old answer')
  key.counter = 2
  const wrong = [
    ['another site', (challenge: string) => proven(key, challenge, 'https://evil.example')],
    [
      'another key',
      (challenge: string) => proven({ ...authenticator(), id: key.id, counter: 9 }, challenge, origin),
    ],
    ['a counter that went back', (challenge: string) => proven({ ...key, counter: 1 }, challenge, origin)],
    ['nothing', () => '{}'],
  ] as const
  for (const [what, make] of wrong) {
    const { one, challenge } = await challenged()
    t.equal((await one.post('/auth/second-factor', { passkey: make(challenge) })).status, 401, what)
  }
})
