/** The cases of smart/ against a server with authorization: http://hl7.org/fhir/smart-app-launch/STU2.2/ */
import t from 'tap'
import { runCases } from '../../conformance/run-cases.ts'
import { startHouse } from './house.ts'

t.setTimeout(240_000)

t.test('the server does what SMART App Launch demands', { timeout: 230_000 }, async (t) => {
  const house = await startHouse(t)
  const registration = await house.console('--registration')
  const { results } = await runCases(house.base, ['smart'], () => {}, house.token, registration)
  t.ok(results.length > 50)
  for (const { suite, id, faults } of results) t.strictSame(faults, [], `${suite}/${id}`)
})
