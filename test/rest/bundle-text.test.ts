/** http://hl7.org/fhir/R4/bundle.html as text. */
import t from 'tap'
import { issue } from '../../src/base/issue.ts'
import { bundleText, outcomeText } from '../../src/rest/bundle-text.ts'

const head = { type: 'searchset', id: '1', lastUpdated: '2026-01-01T00:00:00.000Z' } as const

t.test('a Bundle without entries has no empty arrays', async (t) => {
  t.same(JSON.parse(bundleText({ ...head, link: [] }, []).join('')), {
    resourceType: 'Bundle',
    id: '1',
    meta: { lastUpdated: head.lastUpdated },
    type: 'searchset',
  })
})

t.test('entries with everything; resources stay as they are', async (t) => {
  const resource = '{"resourceType":"Basic","x":1.00}'
  const outcome = outcomeText([issue('invalid', 'Say "x".', 'Basic.x')])
  const link = [{ relation: 'self', url: 'http://x/?a="b"&c=\\d' }]
  const text = bundleText({ ...head, total: 2, link }, [
    { fullUrl: 'http://x/Basic/1"', resource, search: { mode: 'match' } },
    { request: { method: 'GET', url: 'x' }, response: { status: '400', etag: undefined, outcome } },
  ]).join('')
  t.ok(text.includes(`"resource":${resource}`))
  t.same(JSON.parse(text), {
    resourceType: 'Bundle',
    id: '1',
    meta: { lastUpdated: head.lastUpdated },
    type: 'searchset',
    total: 2,
    link,
    entry: [
      { fullUrl: 'http://x/Basic/1"', resource: JSON.parse(resource), search: { mode: 'match' } },
      {
        request: { method: 'GET', url: 'x' },
        response: { status: '400', outcome: JSON.parse(outcome) },
      },
    ],
  })
})

t.test('an issue without a place has no expression', async (t) => {
  t.same(JSON.parse(outcomeText([issue('invalid', 'No.')])), {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid', diagnostics: 'No.' }],
  })
})
