import t from 'tap'
import { link, refersTo, restrictReference } from '../../../src/search/params/reference.ts'

const base = 'http://example.com/fhir'

const written = (value: string): string[] => {
  const out: string[] = []
  link(out, 'T.p|', value, base)
  return out
}

const lookedUp = (value: string, only?: string) => {
  const targets = ['Patient', 'Group']
  const options = { targets, types: new Set(['Reference']), base, ...(only === undefined ? {} : { only }) }
  const found = restrictReference('p', 'T.p|', [value], options)
  return 'issue' in found ? found.issue.code : found.condition.kind === 'tokens' && found.condition.any
}

t.test('what is written', async (t) => {
  t.same(written('Patient/1'), ['T.p|Patient/1'])
  t.same(written(`${base}/Patient/1`), ['T.p|Patient/1'])
  t.same(written(`${base}x/Patient/1`), [`T.p|${base}x/Patient/1`])
  t.same(written('Patient/1/_history/2'), ['T.p|Patient/1/_history/2', 'T.p|Patient/1'])
  t.same(written('http://x/Q|1'), ['T.p|http://x/Q|1', 'T.p|http://x/Q'])
  t.same(written('http://x/Q|1.0'), [
    'T.p|http://x/Q|1.0',
    'T.p|http://x/Q',
    'T.p~http://x/Q|1.0 http://x/Q|1',
  ])
  t.same(written('#contained'), [])
})

t.test('what is looked up', async (t) => {
  t.same(lookedUp('1'), ['T.p|Patient/1', 'T.p|Group/1'])
  t.same(lookedUp('Patient/1'), ['T.p|Patient/1'])
  t.same(lookedUp(`${base}/Patient/1`), ['T.p|Patient/1'])
  t.same(lookedUp('http://other/Patient/1'), ['T.p|http://other/Patient/1'])
  t.same(lookedUp('1', 'Group'), ['T.p|Group/1'])
  t.same(lookedUp('Patient/1', 'Group'), 'value')
})

t.test('the type that a reference names', async (t) => {
  for (const text of [
    'Patient/1',
    'http://x/Patient/1',
    'Patient/1/_history/2',
    'http://x/Patient/1/_history/2',
  ])
    t.ok(refersTo(text, 'Patient'), text)
  for (const text of [
    'Group/1',
    'http://x/Patient/1/Group/2',
    'urn:uuid:1',
    '#Patient',
    'Patients/1',
    undefined,
    5,
  ])
    t.notOk(refersTo(text, 'Patient'), String(text))
})
