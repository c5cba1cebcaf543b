/** `npm run bench:access`: what authorization costs a read and a search: without it, with a token for everything, with one patient's. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consoleToken } from '../../src/auth/console.ts'
import { createLog } from '../../src/base/log.ts'
import {
  createDatabase,
  createOidcClients,
  createOidcItems,
  type Database,
  rowSecurityOf,
} from '../../src/store/index.ts'
import { startGround, startServer } from './ground.ts'
import { type LoadRequest, load } from './load.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 4)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)
const connections = 8
const [patients, each] = [200, 30]

const bundle = (patient: number): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        resource: { resourceType: 'Patient', id: `p${patient}`, gender: 'female', birthDate: '1980-01-01' },
        request: { method: 'PUT', url: `Patient/p${patient}` },
      },
      ...Array.from({ length: each }, (_, n) => ({
        resource: {
          resourceType: 'Observation',
          id: `o${patient}-${n}`,
          status: 'final',
          code: { coding: [{ system: 'http://loinc.org', code: `8${n}-1` }] },
          subject: { reference: `Patient/p${patient}` },
          effectiveDateTime: '2026-01-02T03:04:05Z',
          valueQuantity: { value: n, unit: 'mm', system: 'http://unitsofmeasure.org', code: 'mm' },
        },
        request: { method: 'PUT', url: `Observation/o${patient}-${n}` },
      })),
    ],
  })

/** A person with the role of a patient, and a token of an application that was launched for the own record. */
const patientToken = async (database: Database, patient: string): Promise<string> => {
  const account = randomUUID()
  await database.query({
    name: '',
    tenant: 1,
    text: `insert into account (tenant, id, email, display, language, roles, links, state, demo, created_at, changed_at)
      values (1, $1::uuid, 'bench@example.com', 'Bench', 'en', '{patient}', array[$2::text], 'active', false, now(), now())`,
    values: [account, `Patient/${patient}`],
  })
  const at = Math.floor(Date.now() / 1000)
  const token = randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', '')
  await createOidcItems(database).put(
    1,
    'AccessToken',
    token,
    {
      kind: 'AccessToken',
      accountId: account,
      clientId: 'console',
      grantId: 'bench',
      sessionUid: 'bench',
      scope: 'openid patient/*.rs',
      extra: { patient },
      iat: at,
      exp: at + 3600,
    },
    3600,
  )
  return token
}

const main = async (): Promise<void> => {
  const ground = await startGround()
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-bench-access-'))
  const data = { LAMPLIGHT_DATA: folder }
  const open = await startServer(ground.connection, 1, { ...data, LAMPLIGHT_AUTHORIZATION: 'off' })
  const guarded = await startServer(ground.connection, 1, { ...data, LAMPLIGHT_AUTHORIZATION: 'on' })
  const target = ground.connection
  const database = createDatabase({
    target,
    security: await rowSecurityOf(target),
    lines: 1,
    pool: 2,
    statementTimeout: 10_000,
    log: createLog('silent'),
  })
  try {
    for (let n = 0; n < patients; n++) {
      const sent = [{ method: 'POST', path: '/fhir', body: bundle(n) }]
      const { statuses } = await load(open.url, 1, 60, () => sent.pop())
      if (!statuses.has(200)) throw new Error(`the data were refused: ${[...statuses.keys()]}`)
    }
    const deps = { items: createOidcItems(database), clients: createOidcClients(database) }
    const system = await consoleToken(deps, 1, 'system/*.cruds', 3600)
    const patient = await patientToken(database, 'p7')
    const bearer = (token: string) => `Authorization: Bearer ${token}\r\n`
    const callers = [
      { name: 'authorization off', url: open.url, headers: '' },
      { name: 'token for everything', url: guarded.url, headers: bearer(system) },
      { name: 'token of a patient', url: guarded.url, headers: bearer(patient) },
    ]
    const workloads: Record<string, (n: number) => string> = {
      read: (n) => `/fhir/Observation/o7-${n % each}`,
      'search of the patient': () => '/fhir/Observation?patient=p7&_count=10',
      'search by code': (n) => `/fhir/Observation?patient=p7&code=8${n % each}-1`,
    }
    for (const [what, path] of Object.entries(workloads)) {
      const rates = callers.map((): number[] => [])
      for (let round = 0; round <= rounds; round++)
        for (const [i, { url, headers }] of callers.entries()) {
          let n = 0
          const next = (): LoadRequest => ({ method: 'GET', path: path(n++), headers })
          const { rate, statuses } = await load(url, connections, round === 0 ? 1 : seconds, next)
          if ([...statuses.keys()].some((status) => status !== 200))
            throw new Error(`${what} was answered with ${[...statuses.keys()]}`)
          // The first warms up.
          if (round > 0) rates[i]!.push(rate)
        }
      const best = rates.map((all) => Math.max(...all))
      callers.forEach(({ name }, i) => {
        const share = `${((best[i]! / best[0]!) * 100).toFixed(0)} %`
        process.stdout.write(`${what}, ${name}: ${best[i]!.toFixed(0)}/s, ${share}\n`)
      })
    }
  } finally {
    await Promise.all([open.stop(), guarded.stop()])
    await database.close()
    await ground.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
