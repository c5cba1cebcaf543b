/** $reindex goes on after the server is killed in the middle of it, and everything is found at the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startServer } from '../support/server.ts'
import { ask } from './client.ts'

t.setTimeout(0)

type Parameters = {
  readonly parameter: readonly { readonly name: string; readonly [value: string]: unknown }[]
}

const memberOf = (text: string, name: string): unknown => {
  const found = (JSON.parse(text) as Parameters).parameter.find((one) => one.name === name)
  return Object.entries(found ?? {}).find(([key]) => key !== 'name')?.[1]
}

const count = 6000
const kills = 3

const doneOf = async (base: string): Promise<number> =>
  Number(memberOf((await ask(`${base}/$reindex-status`)).text, 'done'))

const load = async (base: string): Promise<void> => {
  for (let from = 0; from < count; from += 500) {
    const entry = Array.from({ length: 500 }, (_, n) => ({
      request: { method: 'PUT', url: `Patient/p${from + n}` },
      resource: { resourceType: 'Patient', id: `p${from + n}`, name: [{ family: 'Same' }], gender: 'male' },
    }))
    const { status } = await ask(base, 'POST', { resourceType: 'Bundle', type: 'transaction', entry })
    if (status !== 200) throw new Error(`the load was answered with ${status}`)
  }
}

t.test('kill -9 during $reindex', { timeout: 0 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-durability-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const start = () => startServer(t, { env: { LAMPLIGHT_DATA: folder } })
  let server = await start()
  await load(server.base)
  t.equal((await ask(`${server.base}/$reindex`, 'POST')).status, 202)
  let done = 0
  for (let n = 0; n < kills; n++) {
    // Killed when some more is done, so that it has something to go on from.
    while ((await doneOf(server.base)) <= done) await sleep(5)
    await server.kill('SIGKILL')
    server = await start()
    const now = await doneOf(server.base)
    t.ok(now > done && now < count, `it goes on at ${now} of ${count}`)
    done = now
  }
  let state = ''
  while (memberOf(state || '{"parameter":[]}', 'status') !== 'completed') {
    await sleep(50)
    state = (await ask(`${server.base}/$reindex-status`)).text
  }
  t.equal(memberOf(state, 'done'), count, 'each once')
  const found = await ask(`${server.base}/Patient?family=same&gender=male&_summary=count`)
  t.equal((JSON.parse(found.text) as { total: number }).total, count)
  t.equal(await server.stop(), 0)
})
