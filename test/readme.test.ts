import { existsSync, readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import packageFile from '../package.json' with { type: 'json' }
import * as problems from '../src/base/problem.ts'
import roomsFile from '../src/rooms.json' with { type: 'json' }
import { database } from './support/postgres.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** What each maker of a refusal makes, as a row of the table begins. */
const made = (): string[] =>
  Object.entries(problems)
    .filter(([name]) => name !== 'Problem')
    .map(([name, make]) => {
      const { status, issues } = (make as (text: string, seconds: number) => problems.Problem)('x', 1)
      return `| \`${name}\` | ${status} | ${issues[0]?.code} |`
    })

t.test('the table of errors is the catalogue', async (t) => {
  const rows = [...readme.matchAll(/^(\| `[a-z]\w*` \| \d+ \| [a-z-]+ \|) .+ \|$/gm)].map(([, row]) => row)
  t.strictSame(rows.toSorted(), made().toSorted())
})

t.test('the queries run', async (t) => {
  const client = new pg.Client(await database(t))
  await client.connect()
  t.teardown(() => client.end())
  const queries = [...readme.matchAll(/```sql\n(.+?)```/gs)].map(([, query]) => query ?? '')
  t.equal(queries.length, 3)
  for (const query of queries) t.strictSame((await client.query(query)).rows, [])
})

t.test('each script of package.json is named', async (t) => {
  const named = (script: string): boolean =>
    new RegExp(`\`npm (run )?${script}(?![\\w-]) *[^\`]*\``).test(readme)
  t.strictSame(
    Object.keys(packageFile.scripts).filter((script) => !named(script)),
    [],
  )
})

t.test('every decision is listed under a number of its own', async (t) => {
  const folder = new URL('../src/decisions/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name !== 'README.md')
  const numbers = files.map((name) => name.slice(0, 4))
  t.equal(new Set(numbers).size, files.length)
  const list = readFileSync(new URL('README.md', folder), 'utf8')
  t.strictSame(
    [...list.matchAll(/\]\((\d{4}-.+\.md)\)/g)].map(([, name]) => name).toSorted(),
    files.toSorted(),
  )
})

t.test('every room has its README, and links of the papers lead somewhere', async (t) => {
  const root = new URL('../', import.meta.url)
  const rooms = Object.keys(roomsFile).filter((room) => existsSync(new URL(`src/${room}`, root)))
  const papers = [
    'README.md',
    'src/README.md',
    'src/decisions/README.md',
    ...rooms.map((r) => `src/${r}/README.md`),
  ]
  for (const paper of papers) {
    const place = new URL(paper, root)
    const text = existsSync(place) ? readFileSync(place, 'utf8') : ''
    t.ok(text, paper)
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
    t.strictSame(
      links.filter((link) => !existsSync(new URL(link, place))),
      [],
      paper,
    )
  }
})
