/** Small requests for large answers. */
import t from 'tap'
import { besiege, bundle, fhirJson } from './siege.ts'

t.test('a large resource many times in one Bundle', async (t) => {
  const siege = await besiege(t)
  const data = 'A'.repeat(12_000_000)
  const body = JSON.stringify({ resourceType: 'Binary', id: 'large', contentType: 'image/png', data })
  t.equal((await siege.ask({ method: 'PUT', path: '/Binary/large', headers: fhirJson, body })).status, 201)
  const look = { request: { method: 'GET', url: 'Binary/large' } }
  const looks = Array.from({ length: 30 }, () => look)
  const batch = await siege.ask({ method: 'POST', path: '', headers: fhirJson, body: bundle('batch', looks) })
  const { entry } = JSON.parse(batch.text) as { entry: { response: { status: string } }[] }
  const statuses = entry.map(({ response }) => response.status.slice(0, 3))
  t.strictSame(statuses.sort(), [...Array(8).fill('200'), ...Array(22).fill('403')])
  const together = bundle('transaction', [
    { request: { method: 'POST', url: 'Patient' }, resource: { resourceType: 'Patient' } },
    ...looks,
  ])
  const refusal = await siege.ask({ method: 'POST', path: '', headers: fhirJson, body: together })
  t.equal(refusal.status, 403)
  t.match(refusal.text, /too-costly/)
  const patients = JSON.parse((await siege.ask({ path: '/Patient' })).text)
  t.strictSame(patients.entry ?? [], [], 'nothing of the transaction was done')
  t.equal((await siege.ask({ path: '/metadata' })).status, 200)
})
