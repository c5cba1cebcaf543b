import t from 'tap'
import type { Problem } from '../../src/base/problem.ts'
import { readNdjson } from '../../src/fhir/ndjson.ts'

const text =
  '{"resourceType":"Patient","id":"ä"}\r\n\n {"resourceType" : "Patient","multipleBirthInteger":1.0}\n \n{"a":1}'
const chunksOf = (text: string, size: number): Buffer[] => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  )
}
const all = async (chunks: Iterable<Uint8Array>, line = 1000): Promise<[number, string][]> => {
  const found: [number, string][] = []
  for await (const { line: at, json } of readNdjson(chunks, { line })) found.push([at, json.text])
  return found
}

t.test('the resources with the numbers of their lines, wherever the stream is cut', async (t) => {
  for (const size of [1, 2, 7, 36, 1000]) {
    t.same(await all(chunksOf(text, size)), [
      [1, '{"resourceType":"Patient","id":"ä"}'],
      [3, '{"resourceType":"Patient","multipleBirthInteger":1.0}'],
      [5, '{"a":1}'],
    ])
  }
  t.same(await all([]), [])
})

t.test('what is wrong is told with its line', async (t) => {
  const status = (status: number, message: RegExp) => ({ status, message }) as unknown as Problem
  await t.rejects(all(chunksOf('{"a":1}\n{"a":}\n', 5)), status(400, /^Resource of line 2: Line 1, column 6/))
  await t.rejects(all(chunksOf('{}\n[]', 5)), status(400, /line 2/))
  await t.rejects(all([Buffer.from([0x7b, 0x7d, 10, 0xff])]), status(400, /line 2: .*UTF-8/))
  await t.rejects(
    all(chunksOf(`{}\n{"a":"${'x'.repeat(1000)}`, 100)),
    status(413, /^Line 2 is longer than 1000 bytes/),
  )
})
