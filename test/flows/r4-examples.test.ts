/** The published examples of R4, definitions included, come back as they were put: http://hl7.org/fhir/R4/http.html#update */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import { parseLossless } from '../../src/fhir/json/lossless.ts'
import { readJson } from '../../src/fhir/json/read.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { openRest, read, resourceOf, textOf } from '../support/rest.ts'

const examples = join(import.meta.dirname, '../../../shared/data/r4-examples')
const skip = existsSync(examples) ? false : 'no examples here'

/** Breaks the definition of R4: no `base`, which is mandatory, or an id of more than 64 characters. */
const refused = [
  'SearchParameter/codesystem-extensions-CodeSystem-author',
  'SearchParameter/codesystem-extensions-CodeSystem-end',
  'SearchParameter/questionnaireresponse-extensions-QuestionnaireResponse-item-subject',
  'SearchParameter/valueset-extensions-ValueSet-effective',
  'SearchParameter/valueset-extensions-ValueSet-end',
]

type Example = { readonly type: string; readonly id: string; readonly text: string }

const load = (file: string): Example[] =>
  gunzipSync(readFileSync(join(examples, file)))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => {
      const { resourceType, id } = JSON.parse(text) as { resourceType: string; id: string }
      return { type: resourceType, id, text }
    })

/** What the client owns of compact text; numbers keep their digits in this form. */
const owned = (text: string): JsonObject => {
  const { id: _, meta, ...rest } = parseLossless(text)
  const { versionId: _v, lastUpdated: _l, ...kept } = (meta ?? {}) as JsonObject
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest
}

const inParallel = async <T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> => {
  const queue = items[Symbol.iterator]()
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

t.test('put and read', { skip }, async (t) => {
  const { perform } = await openRest(t, { references: 'off' })
  const known = JSON.parse(readFileSync(join(examples, 'known-bad.json'), 'utf8')) as object
  const byKey = new Map(
    ['clinical.ndjson.gz', 'definitional.ndjson.gz'].flatMap(load).map((e) => [`${e.type}/${e.id}`, e]),
  )
  const failures: string[] = []
  const changed: string[] = []
  await inParallel(byKey, async ([key, { type, id, text }]) => {
    try {
      await perform({ interaction: 'update', type, id, query: [], body: { text } })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      failures.push(key)
      return
    }
    const stored = textOf(await perform(read(type, id)))
    if (JSON.stringify(owned(stored)) !== JSON.stringify(owned(readJson(text).text))) changed.push(key)
  })
  t.same(failures.sort(), [...refused, ...Object.keys(known)].sort())
  t.same(changed, [])
  t.ok(byKey.size > 3000)
  const count = async (type: string): Promise<number> =>
    resourceOf(await perform({ interaction: 'search-type', type, query: [['_summary', 'count']] })).total
  const patients = [...byKey.values()].filter(({ type }) => type === 'Patient').length
  t.equal(await count('Patient'), patients)
})
