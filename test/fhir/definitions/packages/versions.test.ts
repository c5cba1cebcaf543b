import t from 'tap'
import { compareVersions, isWithin } from '../../../../src/fhir/definitions/packages/versions.ts'

t.test('versions in order', async (t) => {
  const ordered = [
    undefined,
    '1.0.0-ballot',
    '1.0.0-ballot2',
    '1.0.0',
    '1.2.0',
    '1.10.0',
    '2.0.0-snapshot1',
    '2.0.0',
  ]
  for (const [at, older] of ordered.entries())
    for (const newer of ordered.slice(at + 1)) {
      t.ok(compareVersions(older, newer) < 0, `${older} < ${newer}`)
      t.ok(compareVersions(newer, older) > 0, `${newer} > ${older}`)
    }
  t.ok(compareVersions('20240502', '20231231') > 0)
  t.ok(compareVersions('2018-08-12', '2014-03-26') > 0)
  t.equal(compareVersions('1.0.0', '1.0.0'), 0)
  t.equal(compareVersions('1.0.0+a', '1.0.0+b'), 0, 'builds are equal')
})

t.test('partial versions end where a part ends', async (t) => {
  t.ok(isWithin('4.0.1', '4.0'))
  t.ok(isWithin('4.0.1', '4'))
  t.ok(isWithin('4.0', '4.0'))
  t.notOk(isWithin('4.01', '4.0'))
  t.notOk(isWithin('4', '4.0'))
})
