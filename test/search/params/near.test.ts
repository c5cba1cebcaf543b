/** Circles on the earth: what the cells say, what memory measures and what the database measures is the same. */
import fc from 'fast-check'
import t from 'tap'
import { idKey } from '../../../src/base/id.ts'
import { hasErrors } from '../../../src/base/issue.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { typeNumber } from '../../../src/fhir/resource-types.ts'
import { createSearch, hashToken, type Parameter, type Row } from '../../../src/search/index.ts'
import { distance } from '../../../src/search/params/near.ts'
import { openStore } from '../../support/store.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }

type Place = { readonly latitude: number; readonly longitude: number }
const location = (position: Place) => ({ resourceType: 'Location', position })
const planOf = (value: string) => search.plan('Location', [['near', value]], options)

const isFound = (place: Place, value: string): boolean => {
  const { plan, issues } = planOf(value)
  if (hasErrors(issues)) throw new Error(JSON.stringify(issues))
  return search.matches(plan, {
    id: '1',
    lastUpdated: 0,
    rows: search.extract('Location', location(place), base),
  })
}

const boston = { latitude: 42.3601, longitude: -71.0589 }

t.test('a true radius', async (t) => {
  const newYork = '40.7128|-74.006'
  t.equal(isFound(boston, `${newYork}|307|km`), true)
  t.equal(isFound(boston, `${newYork}|305|km`), false)
  t.equal(isFound(boston, `${newYork}|191|[mi_i]`), true)
  t.equal(isFound(boston, `${newYork}|307`), true)
  t.equal(isFound(boston, newYork), false)
  t.equal(isFound(boston, `${newYork}|1|km,42|-71|60|km`), true)
  t.equal(isFound({ latitude: 0, longitude: 179.99 }, '0|-179.99|3|km'), true, 'over the date line')
  t.equal(isFound({ latitude: 89.99, longitude: 10 }, '89.99|-170|3|km'), true, 'over a pole')
})

t.test('what is no circle is refused', async (t) => {
  const code = (value: string) => planOf(value).issues[0]?.diagnostics ?? ''
  t.match(code('42'), /latitude/)
  t.match(code('42|x'), /latitude/)
  t.match(code('92|0'), /between/)
  t.match(code('42|0|1|parsec'), /unit/)
  t.match(code('42|0|-1|km'), /0 or more/)
  t.match(code('42|0|1|km|x'), /latitude/)
})

const latitude = fc.double({ min: -90, max: 90, noNaN: true }).map((n) => Math.round(n * 1e4) / 1e4)
const longitude = fc.double({ min: -180, max: 180, noNaN: true }).map((n) => Math.round(n * 1e4) / 1e4)

t.test('no cell of a circle is forgotten', async () =>
  fc.assert(
    fc.property(
      fc.record({ latitude, longitude }),
      fc.record({ latitude, longitude }),
      fc.double({ min: 0, max: 1.5, noNaN: true }),
      fc.constantFrom(1, 0.01, 0.0001),
      (place, centre, share, closeness) => {
        const near = {
          latitude:
            Math.round((centre.latitude + (place.latitude - centre.latitude) * closeness) * 1e6) / 1e6,
          longitude:
            Math.round((centre.longitude + (place.longitude - centre.longitude) * closeness) * 1e6) / 1e6,
        }
        const metres = distance({ kind: 'near', ...centre, metres: 0 }, near.latitude, near.longitude)
        const radius = Number(((metres * share) / 1000).toFixed(6))
        return (
          isFound(near, `${centre.latitude}|${centre.longitude}|${radius}|km`) === metres <= radius * 1000
        )
      },
    ),
    { numRuns: 2000 },
  ),
)

t.test('the database measures the same', async (t) => {
  const { database } = await openStore(t)
  const places = Array.from({ length: 300 }, (_, n) => ({
    latitude: Math.round(Math.sin(n) * 900) / 10,
    longitude: Math.round(Math.sin(n * 7.3) * 1800) / 10,
  }))
  for (const [n, place] of places.entries()) {
    const json = JSON.stringify(location(place))
    const tokens = search
      .extract('Location', location(place), base)
      .tokens.map((token) => hashToken(1, token))
    const key = [1, typeNumber('Location'), idKey(`l${n}`)]
    await database.query({
      name: 'near-test-insert',
      text: `with v as (insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content, json) values ($1, $2, $3, 1, now(), 'C', $4, $5::text, $5::text::jsonb))
        insert into resource (tenant, type, id, version, last_updated, fhir_id, tokens) values ($1, $2, $3, 1, now(), $4, $6)`,
      tenant: '*',
      values: [...key, `l${n}`, json, `{${tokens}}`],
    })
  }
  for (const circle of ['10|20|3000|km', '-60|170|2500|km', '0|0|15000|km', '88|0|900|km']) {
    const { plan } = planOf(circle)
    const [row] = await database.query<{ count: string }>(search.countStatement(plan))
    t.equal(Number(row?.count), places.filter((place) => isFound(place, circle)).length, circle)
    t.not(Number(row?.count), 0)
  }

  const nearest = (place: Place, circles: readonly Place[]): number =>
    Math.min(
      ...circles.map((circle) =>
        distance({ kind: 'near', ...circle, metres: 0 }, place.latitude, place.longitude),
      ),
    )
  const circles = [
    { latitude: 10, longitude: 20 },
    { latitude: -60, longitude: 170 },
  ]
  const value = circles.map(({ latitude, longitude }) => `${latitude}|${longitude}|4000|km`).join(',')
  for (const sort of ['near', '-near']) {
    const expected = places
      .map((place, n) => ({ id: `l${n}`, place }))
      .filter(({ place }) => isFound(place, value))
      .map(({ id, place }) => ({ id, metres: nearest(place, circles) }))
      .sort((a, b) => (sort === 'near' ? 1 : -1) * (a.metres - b.metres))
    const found: string[] = []
    let query = [['near', value] as const, ['_sort', sort] as const, ['_count', '7'] as const] as Parameter[]
    for (;;) {
      const { plan } = search.plan('Location', query, options)
      const page = search.page(plan, await database.query<Row>(search.statement(plan)))
      found.push(...page.rows.map((row) => row.fhir_id ?? ''))
      if (page.next === undefined) break
      query = [...new URLSearchParams(page.next)]
    }
    t.ok(found.length > 14)
    t.same(
      found,
      expected.map(({ id }) => id),
      `by distance, over pages: ${sort}`,
    )
  }
})
