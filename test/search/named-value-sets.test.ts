import t from 'tap'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { codesKey, createSearch } from '../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }

t.test('the codes that a query means without naming them', async (t) => {
  t.same(
    search.valueSets([
      ['code:in', 'http://a,http://b'],
      ['subject:Patient._has:Condition:patient:code:not-in', 'http://c'],
      ['code', 'http://d|x'],
      ['_filter', 'code in "http://e" and not (status ni http://f) and code eq in'],
      ['code:in', 'ValueSet/1,word'],
      ['code:below', 'http://s|a\\,b,word,http://s|'],
      ['_filter', 'code sb http://s|c and code ss http://s|c'],
    ]),
    [
      ...['http://a', 'http://b', 'http://c', 'http://e', 'http://f', 'ValueSet/1'].map((valueSet) => ({
        valueSet,
      })),
      { system: 'http://s', code: 'a,b', side: 'below' },
      { system: 'http://s', code: 'c', side: 'above' },
      { system: 'http://s', code: 'c', side: 'below' },
    ],
  )
})

t.test('what terminology told about a hierarchy is used', async (t) => {
  const query = [['code:below', 'http://s|a']] as const
  const key = codesKey({ system: 'http://s', code: 'a', side: 'below' })
  const valueSets = new Map([[key, new Map([['http://s', new Set(['a', 'b'])]])]])
  const { plan, issues } = search.plan('Observation', query, { ...options, valueSets })
  t.notOk(hasErrors(issues))
  t.match(plan.where, [{ any: ['Observation.code|http://s|a', 'Observation.code|http://s|b'] }])
  const missing = new Map([[key, 'It is not loaded.']])
  t.match(
    search.plan('Observation', query, { ...options, valueSets: missing }).issues[0]?.diagnostics,
    /^It is not loaded\. Search without/,
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
