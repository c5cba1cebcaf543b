/** Every case of conformance/ against the real server, and the papers that come of it. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { loadCases } from '../conformance/load-cases.ts'
import { matrixText, withMatrix } from '../conformance/matrix.ts'
import { pageText } from '../conformance/page.ts'
import { testReport } from '../conformance/report.ts'
import { runCases } from '../conformance/run-cases.ts'
import { database, urlOf } from './support/postgres.ts'
import { startServer, tokenOf } from './support/server.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const headers = { 'content-type': 'application/fhir+json' }

const folder = mkdtempSync(join(tmpdir(), 'lamplight-conformance-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

// As many requests as there are steps, beside whatever else the machine does.
t.setTimeout(300_000)

t.test('the server does what the cases say', { timeout: 240_000 }, async (t) => {
  const url = urlOf(await database(t))
  const server = await startServer(t, {
    env: { DATABASE_URL: url, LAMPLIGHT_DATA: folder, LAMPLIGHT_AUTHORIZATION: 'on' },
  })
  const token = tokenOf({ DATABASE_URL: url, LAMPLIGHT_DATA: folder })
  const run = await runCases(server.base, [], () => {}, token)
  for (const { suite, id, faults } of run.results) t.strictSame(faults, [], `${suite}/${id}`)

  const readme = readFileSync(join(root, 'conformance/README.md'), 'utf8')
  t.equal(
    withMatrix(readme, matrixText(run.matrix)),
    readme,
    'the matrix is up to date; npm run conformance -- --readme writes it',
  )

  const body = JSON.stringify(testReport(run))
  const stored = await fetch(`${server.base}/TestReport`, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
  })
  t.equal(stored.status, 201, 'the TestReport is a valid resource')
  t.match(pageText(run), /<h1>Conformance: \d+ passed, 0 failed<\/h1>/)

  const { status, stdout } = spawnSync(
    process.execPath,
    ['conformance/run.ts', '--base', server.base, '--only', 'rest/vread,head-of-a-read', '--report', folder],
    { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH ?? '', FHIR_TOKEN: token } },
  )
  t.equal(status, 0)
  t.match(stdout, /✓ rest\/vread +4 of 4/)
  t.match(stdout, /^5 passed, 0 failed$/m)
  t.match(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')), { passed: 5, failed: 0 })
})

t.test('every case is understood and says what demands it', async (t) => {
  for (const { suite, id, case: known } of loadCases()) {
    t.match(known?.link, /^https?:\/\//, `${suite}/${id}`)
  }
})

t.test('the runner knows nothing of the server', async (t) => {
  for (const file of globSync('conformance/**/*.ts', { cwd: root })) {
    const text = readFileSync(join(root, file), 'utf8')
    const foreign = [...text.matchAll(/from '([^']+)'/g)]
      .map((match) => match[1]!)
      .filter((name) => !/^(node:|\.\/|jose$)/.test(name))
    t.strictSame(foreign, [], file)
  }
})
