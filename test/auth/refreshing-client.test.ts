/** Refreshing without `client_id`: https://www.rfc-editor.org/rfc/rfc6749#section-6 */
import t from 'tap'
import { authorize, openHouse, person, publicApp } from './harness.ts'

const scope = 'launch/patient offline_access patient/Observation.rs'

t.test('a public app is known by its refresh token', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const { tokens } = await authorize(house, 'app', scope)
  const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }
  const refreshed = await house.post('/auth/token', form)
  t.match(refreshed, { status: 200, body: { patient: 'p1', refresh_token: /./ } })
  t.match(await house.post('/auth/token', { ...form, refresh_token: 'x'.repeat(9000) }), { status: 400 })
  t.match(await house.post('/auth/token', { ...form, refresh_token: 'unknown' }), { status: 400 })
  t.match(await house.post('/auth/token', form), { status: 400 }, 'each token works once')
})

t.test('a confidential one has to prove who it is', async (t) => {
  const house = await openHouse(t)
  const secret = { token_endpoint_auth_method: 'client_secret_post' }
  await house.client('app', { ...publicApp(scope), ...secret }, 'secret')
  const payload = { kind: 'RefreshToken', clientId: 'app', iat: 1, exp: 4_000_000_000 }
  await house.items.put(1, 'RefreshToken', 'token-1', payload, 600)
  const form = { grant_type: 'refresh_token', refresh_token: 'token-1' }
  t.match(await house.post('/auth/token', form), { status: 400, body: { error: 'invalid_request' } })
})
