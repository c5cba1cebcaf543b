/** Hospitals of a running server: founded and closed from the console, with tokens that open their own only. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AuditEvent, Bundle } from 'fhir/r4.js'
import t from 'tap'
import { startServer } from '../support/server.ts'

const run = promisify(execFile)

// Commands take their time on a busy machine.
t.setTimeout(120_000)

t.test('two hospitals beside the first', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-tenants-'))
  const env = { LAMPLIGHT_DATA: folder, LAMPLIGHT_AUTHORIZATION: 'on' }
  const server = await startServer(t, { env })
  t.teardown(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  const say = async (file: string, ...words: string[]): Promise<string> => {
    const path = fileURLToPath(new URL(`../../src/${file}.ts`, import.meta.url))
    const { stdout } = await run(process.execPath, [path, ...words], {
      env: { PATH: process.env.PATH ?? '', ...env },
    })
    return stdout.trim()
  }
  const root = server.base.replace(/\/fhir$/, '')
  const at = (tenant: string): string => (tenant === '' ? server.base : `${root}/t/${tenant}/fhir`)
  const read = (tenant: string, path: string, token?: string) =>
    fetch(
      `${at(tenant)}/${path}`,
      token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
    )

  t.equal((await read('north', 'metadata')).status, 404)
  for (const name of ['north', 'south']) await say('tenant', 'create', name)
  t.equal((await read('north', 'metadata')).status, 200, 'it is there at once')
  const tokens: Record<string, string> = {}
  for (const name of ['north', 'south']) tokens[name] = await say('token', '--tenant', name)
  tokens[''] = await say('token')
  const patient = { resourceType: 'Patient', id: 'p', name: [{ family: 'North' }] }
  const made = await fetch(`${at('north')}/Patient/p`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${tokens.north}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(patient),
  })
  t.equal(made.status, 201)
  t.equal(made.headers.get('location'), `${at('north')}/Patient/p/_history/1`)
  for (const tenant of ['north', 'south', ''])
    for (const [whose, token] of Object.entries(tokens)) {
      const { status } = await read(tenant, 'Patient/p', token)
      const wanted = tenant !== whose ? 401 : tenant === 'north' ? 200 : 404
      t.equal(status, wanted, `the token of "${whose}" at "${tenant}"`)
    }
  const smart: unknown = await (await read('north', '.well-known/smart-configuration')).json()
  t.match(smart, { token_endpoint: `${root}/t/north/auth/token` })
  await say('tenant', 'close', 'north')
  const [closed, unknown] = [
    await read('north', 'Patient/p', tokens.north),
    await read('nobody', 'Patient/p', tokens.north),
  ]
  t.equal(closed.status, 404)
  t.equal(await closed.text(), await unknown.text(), 'closed is as if it never was')
  await say('tenant', 'open', 'north')
  t.equal((await read('north', 'Patient/p', tokens.north)).status, 200)

  const deeds = async (tenant: string): Promise<string[]> => {
    const found = await read(tenant, 'AuditEvent?agent:identifier=console&_count=100', tokens[tenant])
    const { entry = [] } = (await found.json()) as Bundle<AuditEvent>
    const codes = entry.flatMap(({ resource }) => resource!.subtype?.[0]?.code ?? [])
    return codes.filter((code) => /^(administration|token)-/.test(code)).reverse()
  }
  const founded = 'administration-tenant-created'
  t.same(
    await deeds(''),
    [founded, founded, 'token-given', 'administration-tenant-closed', 'administration-tenant-opened'],
    'what is done at the console is on record',
  )
  t.same(await deeds('north'), ['token-given'])
})
