import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createSearch, readQueryString } from '../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const options = { tenant: 1, base: 'http://a', at: 0, lenient: false, defaultCount: 20, maxCount: 100 }
const quantities = (query: string) => {
  const { where } = search.plan('Observation', readQueryString(query), options).plan
  return where.flatMap((one) => (one.kind === 'quantities' ? one.any : []))
}

t.test('a value is looked up among those of the code that is asked for too', async (t) => {
  t.match(quantities('code=x&value-quantity=gt5'), [{ code: 'x' }])
  t.match(quantities('code=http://s|x,y&value-quantity=gt5'), [
    { code: 'x', coded: 'http://s|x' },
    { code: 'y' },
  ])
  t.match(quantities('code=|x&value-quantity=gt5'), [{ code: 'x', coded: '|x' }])
})

t.test('unless not every alternative is a code, or the value may be that of a component', async (t) => {
  for (const query of [
    'code=http://s|&value-quantity=gt5',
    'code=x,http://s|&value-quantity=gt5',
    'code=a\\|b&value-quantity=gt5',
    'code=x&combo-value-quantity=gt5',
    'status=final&value-quantity=gt5',
  ])
    t.ok(
      quantities(query).every(({ code }) => code === undefined),
      query,
    )
})
