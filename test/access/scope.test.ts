import t from 'tap'
import { parseScope, parseScopes } from '../../src/access/scope.ts'

t.test('scopes of the second version', async (t) => {
  t.match(parseScope('patient/Observation.rs?category=http%3A%2F%2Fx|laboratory'), {
    level: 'patient',
    type: 'Observation',
    permissions: ['r', 's'],
    query: [['category', 'http://x|laboratory']],
  })
  t.strictSame(parseScope('system/*.cruds')?.permissions, ['c', 'r', 'u', 'd', 's'])
  t.strictSame(parseScope('user/Patient.r')?.query, [])
})

t.test('scopes of the first version', async (t) => {
  t.strictSame(parseScope('patient/*.read')?.permissions, ['r', 's'])
  t.strictSame(parseScope('user/Patient.write')?.permissions, ['c', 'u', 'd'])
  t.strictSame(parseScope('user/Patient.*')?.permissions, ['c', 'r', 'u', 'd', 's'])
})

t.test('what is no scope over resources', async (t) => {
  const others = [
    'openid',
    'launch/patient',
    'patient/Observation.',
    'patient/Observation.sr',
    'patient/Nothing.rs',
    'patient/Observation.read?code=1',
    'patient/Observation.rs?code',
    'patient/Observation.rs?code=%',
    'patient/Observation.rs?=1',
    'everyone/Observation.rs',
  ]
  for (const scope of others) t.equal(parseScope(scope), undefined, scope)
  t.equal(parseScopes('openid patient/*.rs fhirUser').length, 1)
})
