/** Searches of one type as Bundles: http://hl7.org/fhir/R4/http.html#search */
import t from 'tap'
import type { Request } from '../../src/rest/index.ts'
import { base, openRest, refusal, resourceOf, update } from '../support/rest.ts'

type Link = { relation: string; url: string }
type Found = {
  type: string
  total?: number
  link: Link[]
  entry?: { fullUrl?: string; resource: { id?: string; resourceType: string }; search: { mode: string } }[]
}
const search = (query: Request['query'], more: Partial<Request> = {}): Request => ({
  interaction: 'search-type',
  type: 'Patient',
  query,
  ...more,
})
const ids = ({ entry = [] }: Found): (string | undefined)[] => entry.map(({ resource }) => resource.id)

t.test('matches with fullUrl, mode and links', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { identifier: [{ system: 'urn:s', value: '1' }] }))
  const found = resourceOf(await perform(search([['identifier', 'urn:s|1']]))) as Found
  t.equal(found.type, 'searchset')
  t.match(found.entry, [{ fullUrl: `${base}/Patient/p`, search: { mode: 'match' } }])
  const self = found.link.find(({ relation }) => relation === 'self')
  t.same([...new URL(self?.url ?? '').searchParams], [['identifier', 'urn:s|1']])
  const none = resourceOf(await perform(search([['identifier', 'urn:s|2']]))) as Found
  t.equal(none.entry, undefined)
})

t.test('a walk through the pages while others write meets each resource once', async (t) => {
  const { perform } = await openRest(t)
  const all = Array.from({ length: 17 }, (_, n) => `p${n}`)
  for (const id of all) await perform(update('Patient', id, { active: true }))
  for (const sort of [[], [['_sort', '_lastUpdated']]] as const) {
    const seen: (string | undefined)[] = []
    let query: Request['query'] | undefined = [['active', 'true'], ['_count', '5'], ...sort]
    for (let page = 0; query && page < 10; page++) {
      const found = resourceOf(await perform(search(query))) as Found
      seen.push(...ids(found))
      const next = found.link.find(({ relation }) => relation === 'next')
      query = next && [...new URL(next.url).searchParams].map(([name, value]) => [name, value] as const)
      await perform(update('Patient', `other${page}`, { active: false }))
    }
    t.same([...seen].sort(), [...all].sort())
  }
})

t.test('_summary=count and _count=0 give the total only', async (t) => {
  const { perform } = await openRest(t)
  for (const id of ['a', 'b', 'c']) await perform(update('Patient', id, {}))
  for (const pair of [
    ['_summary', 'count'],
    ['_count', '0'],
  ] as const) {
    const found = resourceOf(await perform(search([pair]))) as Found
    t.match([found.total, found.entry], [3, undefined], pair.join('='))
  }
  const accurate = resourceOf(
    await perform(
      search([
        ['_total', 'accurate'],
        ['_count', '1'],
      ]),
    ),
  ) as Found
  t.match([accurate.total, accurate.entry?.length], [3, 1])
})

t.test('what cannot be searched is refused, or reported to the lenient', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', {}))
  const refused = await refusal(perform(search([['nonsense', '1']])))
  t.match([refused.status, refused.issues[0]?.expression], [400, ['http.nonsense']])
  const found = resourceOf(await perform(search([['nonsense', '1']], { lenient: true }))) as Found
  t.same(
    found.entry?.map(({ search: { mode } }) => mode),
    ['match', 'outcome'],
  )
  t.equal(found.entry?.[1]?.resource.resourceType, 'OperationOutcome')
  t.equal(
    (await refusal(perform({ interaction: 'search-system', query: [['birthdate', '2000']] }))).status,
    400,
  )
  t.equal((await refusal(perform(search([], { type: 'Nonsense' })))).status, 404)
  t.equal((await refusal(perform(search([], { ifMatch: 'W/"1"' })))).status, 400)
})

t.test('deleted and superseded content is not found', async (t) => {
  const { perform } = await openRest(t)
  const identifier = (value: string) => ({ identifier: [{ value }] })
  const find = async (value: string): Promise<(string | undefined)[]> =>
    ids(resourceOf(await perform(search([['identifier', value]]))) as Found)
  await perform(update('Patient', 'p', identifier('1')))
  await perform(update('Patient', 'p', identifier('2')))
  t.same([await find('1'), await find('2')], [[], ['p']])
  await perform({ interaction: 'delete', type: 'Patient', id: 'p', query: [] })
  t.same(await find('2'), [])
})
