import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { addKey, deriveKey, dropOldKeys, ensureKeys, loadSealer } from '../src/sealing-keys.ts'
import { StartError } from '../src/start-error.ts'

const none = { sealingKey: undefined, sealingKeyFile: undefined }

t.test('a file of keys is made once, for its owner only', async (t) => {
  const config = { ...none, dataFolder: join(t.testdir(), 'new', 'data') }
  t.throws(() => loadSealer(config), { message: /cannot be read/ })
  t.equal(await ensureKeys(config), true)
  const file = join(config.dataFolder, 'keys')
  if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600)
  const text = readFileSync(file, 'utf8')
  t.equal(await ensureKeys(config), false)
  t.equal(readFileSync(file, 'utf8'), text)
  const sealer = loadSealer(config)
  t.equal(sealer.open(sealer.seal('secret', 'a'), 'a'), 'secret')
})

t.test('a server that runs takes new keys, and keeps the old ones until they are dropped', async (t) => {
  const config = { ...none, dataFolder: t.testdir() }
  await ensureKeys(config)
  const running = loadSealer(config)
  const old = running.current
  const sealed = running.seal('secret', 'a')
  await addKey(config)
  t.not(running.current, old)
  t.strictSame(running.ids, [running.current, old])
  t.equal(running.open(sealed, 'a'), 'secret')
  const renewed = running.renew(sealed)
  await dropOldKeys(config)
  t.strictSame(running.ids, [running.current])
  t.throws(() => running.open(sealed, 'a'), { name: 'SealBroken' })
  t.equal(running.open(renewed, 'a'), 'secret')
  const file = join(config.dataFolder, 'keys')
  if (process.platform !== 'win32') t.equal(statSync(file).mode & 0o777, 0o600)
  writeFileSync(file, 'spoilt')
  t.equal(running.open(renewed, 'a'), 'secret', 'a file that is spoilt later is not taken')
  t.throws(() => loadSealer(config), StartError.prototype)
})

t.test('keys of the environment', async (t) => {
  const [one, two] = [randomBytes(32), randomBytes(32)]
  const config = (sealingKey: string) => ({ ...none, sealingKey, dataFolder: '/nowhere' })
  const sealed = loadSealer(config(one.toString('base64'))).seal('secret', 'a')
  t.equal(await ensureKeys(config(one.toString('hex'))), false)
  t.equal(loadSealer(config(`${two.toString('hex')},${one.toString('hex')}`)).open(sealed, 'a'), 'secret')
  await t.rejects(addKey(config(one.toString('hex'))), { message: /LAMPLIGHT_KEY/ })
  for (const wrong of ['short', '', one.toString('hex').slice(2), `${one.toString('base64')}!`])
    t.throws(() => loadSealer(config(wrong)), StartError.prototype, wrong)
})

t.test('a key for another purpose is the same for the same salt, and of a key that is named', (t) => {
  const [one, two] = [randomBytes(32), randomBytes(32)]
  const salt = randomBytes(32)
  const at = (keys: Buffer[]) => ({
    ...none,
    sealingKey: keys.map((key) => key.toString('hex')).join(),
    dataFolder: '',
  })
  const first = deriveKey(at([one]), { purpose: 'x', salt })
  t.strictSame(deriveKey(at([two, one]), { purpose: 'x', salt, id: first.id }), first)
  t.notSame(deriveKey(at([one]), { purpose: 'y', salt }).key, first.key)
  t.notSame(deriveKey(at([one]), { purpose: 'x', salt: randomBytes(32) }).key, first.key)
  t.throws(() => deriveKey(at([two]), { purpose: 'x', salt, id: first.id }), StartError.prototype)
  t.end()
})
