/** The commands beside a server that is being written to, and what becomes of their file. */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startServer } from './support/server.ts'

type Ended = { readonly code: number | null; readonly said: string }

const command = (name: string, data: string, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const file = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))
    const env = { PATH: process.env.PATH ?? '', LAMPLIGHT_DATA: data, LOG_LEVEL: 'silent' }
    const child = spawn(process.execPath, [file, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said += chunk
      })
    child.once('close', (code) => resolve({ code, said }))
  })

/** A patient and an observation, which exist together or not at all. */
const pair = (n: number): string => {
  const patient = { resourceType: 'Patient', id: `p${n}`, active: true }
  const observation = {
    resourceType: 'Observation',
    id: `o${n}`,
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/p${n}` },
  }
  const entry = [patient, observation].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })
}

const total = async (base: string, query: string): Promise<number> =>
  ((await (await fetch(`${base}/${query}`)).json()) as { total: number }).total

t.setTimeout(300_000)

const settings = { LAMPLIGHT_AUTHORIZATION: 'off', LAMPLIGHT_VALIDATION: 'off' }

t.test('backup under load, restore, and everything that is refused', async (t) => {
  const folder = t.testdir()
  const [first, second] = ['first', 'second'].map((name) => join(folder, name))
  const file = join(folder, 'backup')
  const server = await startServer(t, { env: { ...settings, LAMPLIGHT_DATA: first! } })
  let [stop, written] = [false, 0]
  const write = async (): Promise<void> => {
    while (!stop) {
      const body = pair(written++)
      const headers = { 'content-type': 'application/fhir+json' }
      const answer = await fetch(server.base, { method: 'POST', headers, body })
      if (answer.status !== 200) t.fail(`${answer.status} ${await answer.text()}`)
    }
  }
  const writers = [write(), write()]
  while (written < 50) await new Promise((done) => setTimeout(done, 20))
  t.match(await command('backup', first!, '--to', file, '--encrypt'), { code: 0, said: /holds [\d,]+ rows/ })
  stop = true
  await Promise.all(writers)
  await server.stop()
  t.notOk(readFileSync(file).includes('Observation'))

  t.match(await command('restore', second!, '--from', file), { code: 1, said: /keys/ })
  mkdirSync(second!, { recursive: true })
  cpSync(join(first!, 'keys'), join(second!, 'keys'))
  t.match(await command('restore', second!, '--from', file, '--check'), { code: 0, said: /is whole/ })
  const bytes = readFileSync(file)
  writeFileSync(`${file}-cut`, bytes.subarray(0, bytes.length - 100))
  t.match(await command('restore', second!, '--from', `${file}-cut`), {
    code: 1,
    said: /ends before it is complete/,
  })
  t.match(await command('restore', second!, '--from', join(folder, 'first', 'keys')), {
    code: 1,
    said: /not a backup/,
  })
  t.match(await command('restore', second!, '--from', file), { code: 0, said: /are restored/ })
  t.match(await command('restore', second!, '--from', file), { code: 1, said: /has data already/ })
  t.match(await command('restore', first!), { code: 1, said: /--from FILE/ })

  const restored = await startServer(t, { env: { ...settings, LAMPLIGHT_DATA: second! } })
  const patients = await total(restored.base, 'Patient?_summary=count')
  t.ok(patients >= 48 && patients <= written)
  t.equal(await total(restored.base, 'Observation?_summary=count'), patients, 'pairs are not torn')
  t.equal(await total(restored.base, 'Observation?subject:Patient.active=true&_summary=count'), patients)
  t.equal(
    (
      await fetch(`${restored.base}/Patient/new`, {
        method: 'PUT',
        headers: { 'content-type': 'application/fhir+json' },
        body: '{"resourceType":"Patient","id":"new"}',
      })
    ).status,
    201,
  )
  await restored.stop()

  // A server that has lost its keys says so, instead of going on with others.
  rmSync(join(second!, 'keys'))
  t.match(await command('keys', second!, 'list'), { code: 1, said: /keys cannot be read/ })
})
