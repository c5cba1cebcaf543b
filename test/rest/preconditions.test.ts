/** http://hl7.org/fhir/R4/http.html#concurrency, #ccreate */
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import { ifMatchVersion, ifNoneExistQuery, notModified, onlyIfAbsent } from '../../src/rest/preconditions.ts'

t.test('If-Match', async (t) => {
  t.equal(ifMatchVersion(undefined), undefined)
  t.equal(ifMatchVersion('W/"3"'), 3)
  t.equal(ifMatchVersion(' "3" '), 3)
  for (const none of ['W/"0"', 'W/"03"', 'W/"x"', 'W/""', 'W/"99999999999"'])
    t.equal(ifMatchVersion(none), -1, none)
  for (const wrong of ['', '3', '*', 'W/3', 'W/"3', 'w/"3"', '"1","2"'])
    t.throws(() => ifMatchVersion(wrong), Problem, wrong)
})

t.test('If-None-Match of an update', async (t) => {
  t.equal(onlyIfAbsent(undefined), false)
  t.equal(onlyIfAbsent(' * '), true)
  t.throws(() => onlyIfAbsent('W/"1"'), Problem)
})

t.test('If-Modified-Since knows seconds only', async (t) => {
  const lastUpdated = Date.UTC(2026, 0, 1, 0, 0, 0, 900)
  const version = { type: 'Patient', id: 'p', version: 1, lastUpdated, method: 'PUT', content: '{}' } as const
  const since = (text: string): boolean => notModified(version, { ifModifiedSince: text })
  t.equal(since('Thu, 01 Jan 2026 00:00:00 GMT'), true)
  t.equal(since('Wed, 31 Dec 2025 23:59:59 GMT'), false)
  t.equal(since('2026-01-01T00:00:00Z'), true, 'an instant, as in a Bundle')
})

t.test('If-None-Exist', async (t) => {
  t.equal(ifNoneExistQuery('a=b', 'Patient'), 'a=b')
  t.equal(ifNoneExistQuery('?a=b', 'Patient'), 'a=b')
  t.equal(ifNoneExistQuery('Patient?a=b?c', 'Patient'), 'a=b?c')
  t.equal(ifNoneExistQuery('a=http://x?y|1&b=?', 'Patient'), 'a=http://x?y|1&b=?')
  t.throws(() => ifNoneExistQuery('Group?a=b', 'Patient'), Problem)
})
