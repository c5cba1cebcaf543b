/** Pages end earlier when their resources are large, and nothing is lost between them. */
import fc from 'fast-check'
import t from 'tap'
import type { Request } from '../../src/rest/index.ts'
import { create, openRest, resourceOf, transaction } from '../support/rest.ts'

type Bundle = {
  link: { relation: string; url: string }[]
  entry?: { resource?: { id: string; resourceType: string }; search?: { mode: string } }[]
}

const limit = 100_000

const basic = (id: string, size: number) => ({
  resourceType: 'Basic',
  id,
  code: { text: 'x' },
  extension: [{ url: 'http://example.org/text', valueString: 'a'.repeat(size) }],
})
const put = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
})
const linkOf = ({ link }: Bundle, relation: string): [string, string][] | undefined => {
  const url = link.find((one) => one.relation === relation)?.url
  return url === undefined ? undefined : [...new URL(url).searchParams]
}
const idsOf = ({ entry = [] }: Bundle): string[] => entry.map(({ resource }) => resource?.id ?? '')

t.test('every resource is on one page, and no page is too large', async (t) => {
  const sizes = [1, 40_000, 99_000, 200_000, 10, 33_000, 33_000, 33_000, 20_000, 500_000, 1, 2, 120_000]
  const { perform } = await openRest(t, { maxPageBytes: limit })
  await perform(transaction(sizes.map((size, n) => put(basic(`b${String(n).padStart(2, '0')}`, size)))))
  const all = sizes.map((_, n) => `b${String(n).padStart(2, '0')}`)

  const walk = async (query: readonly (readonly [string, string])[], relation: string) => {
    const pages: string[][] = []
    let next: readonly (readonly [string, string])[] | undefined = query
    let last: Bundle | undefined
    for (; next; next = linkOf(last!, relation)) {
      const request: Request = { interaction: 'search-type', type: 'Basic', query: next }
      const reply = await perform(request)
      last = resourceOf(reply) as Bundle
      const ids = idsOf(last)
      const bytes = ids.reduce((sum, id) => sum + sizes[all.indexOf(id)]!, 0)
      if (bytes > limit && ids.length > 1) t.fail(`a page of ${bytes} bytes: ${ids}`)
      pages.push(ids)
    }
    return { pages, last: last! }
  }
  for (const count of ['1', '2', '5', '100'])
    for (const sort of ['_id', '-_id', '_lastUpdated']) {
      const { pages, last } = await walk(
        [
          ['_count', count],
          ['_sort', sort],
        ],
        'next',
      )
      const expected = sort === '-_id' ? all.toReversed() : all
      t.strictSame(
        sort === '_lastUpdated' ? pages.flat().toSorted() : pages.flat(),
        expected,
        `${count} ${sort}`,
      )
      t.ok(pages.every((page) => page.length > 0 && page.length <= Number(count)))
      const back = await walk(linkOf(last, 'previous') ?? [], 'previous')
      const seen = [...back.pages.toReversed().flat(), ...idsOf(last)]
      if (count !== '1') t.strictSame(seen.toSorted(), all, `back ${count} ${sort}`)
    }
  const across = resourceOf(
    await perform({
      interaction: 'search-system',
      query: [
        ['_type', 'Basic,Patient'],
        ['_count', '100'],
      ],
    }),
  ) as Bundle
  t.ok(idsOf(across).length < sizes.length && linkOf(across, 'next'))
})

t.test('history is paged alike, and its deletions stay deletions', async (t) => {
  const { perform } = await openRest(t, { maxPageBytes: limit })
  const sizes = [60_000, 70_000, 20, 300_000, 40_000]
  for (const size of sizes)
    await perform({
      interaction: 'update',
      type: 'Basic',
      id: 'h',
      query: [],
      body: { text: JSON.stringify(basic('h', size)) },
    })
  await perform({ interaction: 'delete', type: 'Basic', id: 'h', query: [] })
  const found: (number | undefined)[] = []
  let query: [string, string][] | undefined = [['_count', '10']]
  let pages = 0
  while (query) {
    const bundle: Bundle = resourceOf(
      await perform({ interaction: 'history-instance', type: 'Basic', id: 'h', query }),
    )
    for (const { resource } of bundle.entry ?? []) found.push(resource && JSON.stringify(resource).length)
    query = linkOf(bundle, 'next')
    pages++
  }
  t.equal(found[0], undefined)
  t.strictSame(found.slice(1).map((length) => length! - (length! % 10)).length, sizes.length)
  t.ok(sizes.toReversed().every((size, n) => found[n + 1]! > size && found[n + 1]! < size + 400))
  t.equal(pages, 4)
})

t.test('what comes along takes what the matches leave, and it is said when there is more', async (t) => {
  const { perform } = await openRest(t, { maxPageBytes: limit })
  const subject = { reference: 'Patient/p' }
  const patient = { resourceType: 'Patient', id: 'p', text: undefined }
  await perform(
    transaction([
      put(patient),
      ...[10, 50_000, 60_000].map((size, n) => put({ ...basic(`i${n}`, size), subject } as never)),
    ]),
  )
  const search = async (query: [string, string][]) =>
    resourceOf(await perform({ interaction: 'search-type', type: 'Patient', query })) as Bundle
  const bundle = await search([['_revinclude', 'Basic:subject']])
  const included = bundle.entry?.filter(({ search }) => search?.mode === 'include').length ?? 0
  t.ok(included < 3)
  t.match(bundle.entry?.at(-1), { search: { mode: 'outcome' } })
})

t.test('a large resource is found whole by a condition', async (t) => {
  const { perform } = await openRest(t, { maxPageBytes: limit })
  const large = { ...basic('', 200_000), id: undefined, identifier: [{ system: 'urn:x', value: '1' }] }
  await perform(create('Basic', large))
  const again = await perform(create('Basic', large, { ifNoneExist: 'identifier=urn:x|1' }))
  t.equal(again.status, 200)
  t.ok(JSON.stringify(resourceOf(again)).length > 200_000)
})

t.test('any sizes', async (t) => {
  const { perform } = await openRest(t, { maxPageBytes: limit })
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 20_000, max: 150_000 })), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 12 }),
      async (sizes, count) => {
        const tag = `r${round++}`
        await perform(
          transaction(
            sizes.map((size, n) =>
              put({ ...basic(`${tag}-${n}`, size), meta: { tag: [{ code: tag }] } } as never),
            ),
          ),
        )
        const ids: string[] = []
        let query: [string, string][] | undefined = [
          ['_tag', tag],
          ['_count', String(count)],
        ]
        while (query) {
          const bundle: Bundle = resourceOf(
            await perform({ interaction: 'search-type', type: 'Basic', query }),
          )
          ids.push(...idsOf(bundle))
          query = linkOf(bundle, 'next')
        }
        return ids.length === sizes.length && new Set(ids).size === ids.length
      },
    ),
    { numRuns: 15 },
  )
})
