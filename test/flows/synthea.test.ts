/** A synthetic population posts unchanged, all of it: http://hl7.org/fhir/R4/http.html#transaction */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { openRest, read, resourceOf, textOf } from '../support/rest.ts'

const folder = join(import.meta.dirname, '../../../shared/data/synthea')
const skip = existsSync(folder) ? false : 'no patients here'

type Resource = { readonly resourceType: string }
type Bundle = { readonly entry: readonly { readonly fullUrl: string; readonly resource: Resource }[] }
type Answer = { readonly response: { readonly status: string; readonly location: string } }

const urn = /urn:uuid:[0-9a-f-]{36}/g

/** The content as it must be stored: links to other entries became references, id and meta are the server's. */
const expected = (resource: Resource, references: ReadonlyMap<string, string>): object => {
  const text = JSON.stringify(resource).replace(urn, (link) => references.get(link) ?? link)
  const { id: _, meta: _m, ...content } = JSON.parse(text)
  return content
}

t.setTimeout(0)

t.test('every patient', { skip, timeout: 0 }, async (t) => {
  const { perform } = await openRest(t)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json.gz'))
  const sent = new Map<string, number>()
  const statuses = new Map<string, number>()
  const different: string[] = []
  const queue = files.entries()
  const post = async (): Promise<void> => {
    for (const [n, name] of queue) {
      const text = gunzipSync(readFileSync(join(folder, name))).toString()
      const reply = await perform({ interaction: 'transaction', query: [], body: { text } })
      const { entry } = JSON.parse(text) as Bundle
      const answers = resourceOf(reply).entry as Answer[]
      const places = answers.map(
        ({ response }) => response.location.split('/').slice(0, 2) as [string, string],
      )
      const references = new Map(entry.map(({ fullUrl }, i) => [fullUrl, places[i]!.join('/')]))
      for (const { resource } of entry) {
        const { resourceType: type } = resource
        sent.set(type, (sent.get(type) ?? 0) + 1)
      }
      for (const { response } of answers)
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      if (n % 40 > 0) continue
      for (const [i, { resource }] of entry.entries()) {
        const { id: _, meta: _m, ...stored } = JSON.parse(textOf(await perform(read(...places[i]!))))
        if (JSON.stringify(stored) !== JSON.stringify(expected(resource, references)))
          different.push(`${name} entry ${i}`)
      }
    }
  }
  await Promise.all([post(), post(), post()])
  const total = [...sent.values()].reduce((a, b) => a + b, 0)
  t.same([...statuses], [['201 Created', total]])
  t.ok(sent.get('Patient')! >= files.length)
  t.same(different, [])
  const stored = new Map<string, number>()
  for (const type of sent.keys()) {
    const request = { interaction: 'search-type', type, query: [['_summary', 'count']] } as const
    stored.set(type, resourceOf(await perform(request)).total)
  }
  t.same(stored, sent)
})
