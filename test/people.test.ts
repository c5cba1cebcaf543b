/** People over the whole server: what one room asks of another. */
import pg from 'pg'
import t from 'tap'
import { database, urlOf } from './support/postgres.ts'
import { startServer } from './support/server.ts'

t.setTimeout(120_000)

const password = 'lantern over quiet water'

/** Sends a form with the token of the page before it; gives the answer and where it leads. */
const visit = (origin: string) => {
  const cookies = new Map<string, string>()
  let form = ''
  const send = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(new URL(path, origin), { redirect: 'manual', ...init, headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      cookies.set(name, value)
    }
    const text = await response.text()
    form = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? form
    return { status: response.status, text, location: response.headers.get('location') ?? '' }
  }
  const post = (path: string, fields: Record<string, string>) =>
    send(path, { method: 'POST', body: new URLSearchParams({ form, ...fields }) })
  return { get: send, post }
}

t.test('a patient registers at the server, and the Patient of the record is new', async (t) => {
  const target = await database(t)
  const server = await startServer(t, { env: { DATABASE_URL: urlOf(target), LAMPLIGHT_AUTHORIZATION: 'on' } })
  const { origin } = new URL(server.base)
  const client = new pg.Client(target)
  await client.connect()
  t.teardown(() => client.end())
  const { get, post } = visit(origin)
  await get('/auth/sign-up')
  const person = { given: 'Anna', family: 'Berg', birthDate: '1980-02-29', email: 'anna@example.org' }
  t.equal((await post('/auth/sign-up', person)).status, 200)
  const { rows: mails } = await client.query('select content from mail')
  const link = /http\S+/.exec(mails[0].content)?.[0] ?? ''
  t.ok(link.startsWith(`${origin}/auth/link?token=`))
  await get(link)
  const token = new URL(link).searchParams.get('token') ?? ''
  t.equal((await post('/auth/link', { token, password })).status, 200)
  const { rows } = await client.query('select links from account')
  const { rows: versions } = await client.query('select json from resource_version where json is not null')
  const patient = versions.map(({ json }) => json).find(({ resourceType }) => resourceType === 'Patient')
  t.same(rows[0].links, [`Patient/${patient.id}`])
  t.match(patient, { name: [{ family: 'Berg', given: ['Anna'] }], birthDate: '1980-02-29' })
  t.equal((await post('/auth/sign-in', { email: person.email, password })).location, '/auth/account')
  t.equal((await get('/auth/apps')).status, 200, 'the pages of the authorization server know the session')
  t.match(server.output(), /There is no administrator yet\. .*\n {2}http\S+\/auth\/link\?token=\S{43}\n/)
})

t.test('the demonstration has an account of each role and says so', async (t) => {
  const target = await database(t)
  const env = { DATABASE_URL: urlOf(target), LAMPLIGHT_AUTHORIZATION: 'on', DEMO: 'true', WORKERS: '2' }
  const server = await startServer(t, { env })
  const { get, post } = visit(new URL(server.base).origin)
  const page = await get('/auth/sign-in')
  t.match(page.text, /class="demo"/)
  const emails = [...page.text.matchAll(/<code>([^<]+@demo\.example)<\/code>/g)].map(
    ([, email]) => email ?? '',
  )
  t.equal(emails.length, 12)
  for (const email of ['doctor@demo.example', 'caregiver@demo.example']) {
    const answer = await post('/auth/sign-in', { email, password: 'light-for-everybody' })
    t.equal(answer.location, '/auth/account')
  }
  const client = new pg.Client(target)
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query(
    'select count(*)::int as n, sum(cardinality(links))::int as links from account',
  )
  t.same(rows, [{ n: 12, links: 12 }])
})
