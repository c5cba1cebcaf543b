import t from 'tap'
import type { Problem } from '../../src/base/problem.ts'
import { ndjsonBatch } from '../../src/fhir/ndjson-batch.ts'
import { pathOf, positionsOf } from '../../src/fhir/positions.ts'

t.test('every line is an entry, where it stood', async (t) => {
  const sent = '{"resourceType":"Patient"}\n\n {"resourceType":"Patient","id":"a b", "active":true}\r\n'
  const { text, lead } = await ndjsonBatch(sent)
  const { type, entry } = JSON.parse(text)
  t.equal(type, 'batch')
  t.same(entry, [
    { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
    {
      resource: { resourceType: 'Patient', id: 'a b', active: true },
      request: { method: 'PUT', url: 'Patient/a%20b' },
    },
  ])
  const paths = ['Bundle.entry[0].resource', 'Bundle.entry[1].resource.active'].map(pathOf)
  t.same(positionsOf({ text, lead }, paths), [
    { line: 1, column: 1 },
    { line: 3, column: 49 },
  ])
})

const refusal = (sent: string): Promise<string> =>
  ndjsonBatch(sent).then(
    () => 'taken',
    ({ status, message }: Problem) => `${status} ${message}`,
  )

t.test('what is no resource is refused with its line', async (t) => {
  t.match(await refusal(' \n\n'), /^400 .*is empty/)
  t.match(await refusal('{"resourceType":"Patient"}\n{'), /^400 .*of line 2: /)
  t.match(await refusal('{"resourceType":"Patient"}\n\n{"id":"a"}'), /^400 Line 3: /)
  const more = '{"resourceType":"Patient"},"request":{"method":"DELETE","url":"Patient/1"}},{"a":{}'
  t.match(await refusal(more), /^400 .*of line 1: /)
})
