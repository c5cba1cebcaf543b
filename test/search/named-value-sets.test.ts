import t from 'tap'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createSearch } from '../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }

t.test('the value sets that a query names', async (t) => {
  t.same(
    search.valueSets([
      ['code:in', 'http://a,http://b'],
      ['subject:Patient._has:Condition:patient:code:not-in', 'http://c'],
      ['code', 'http://d|x'],
      ['_filter', 'code in "http://e" and not (status ni http://f) and code eq in'],
      ['code:in', 'ValueSet/1'],
    ]),
    ['http://a', 'http://b', 'http://c', 'http://e', 'http://f'],
  )
})

t.test('what was found out about them is used', async (t) => {
  const query = [['code:in', 'http://mine']] as const
  t.match(search.plan('Observation', query, options).issues[0]?.diagnostics, /not known/)
  const valueSets = new Map([['http://mine', new Map([['http://s', new Set(['a'])]])]])
  const { plan, issues } = search.plan('Observation', query, { ...options, valueSets })
  t.notOk(hasErrors(issues))
  t.match(plan.where, [{ kind: 'tokens', any: ['Observation.code|http://s|a'] }])
  const tooBig = new Map([['http://mine', 'It has more than 10,000 codes.']])
  t.match(
    search.plan('Observation', query, { ...options, valueSets: tooBig }).issues[0]?.diagnostics,
    /10,000/,
  )
})
