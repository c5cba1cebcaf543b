import { readdirSync, readFileSync } from 'node:fs'
import type { OperationDefinition, OperationDefinitionParameter } from 'fhir/r4.js'
import t from 'tap'
import type { InputShape } from '../../../src/rest/operation.ts'
import { loadOperations } from '../../../src/rest/operations/index.ts'

const folder = new URL('../../../profiles/lamplight/', import.meta.url)
const definitions = new Map(
  readdirSync(folder)
    .filter((name) => name.startsWith('OperationDefinition-'))
    .map((name) => {
      const definition = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as OperationDefinition
      return [definition.url ?? '', definition]
    }),
)

type Shape = { type?: string; min: number; max: string; part?: Record<string, Shape> }

const declared = (input: Readonly<Record<string, InputShape>>): Record<string, Shape> =>
  Object.fromEntries(
    Object.entries(input).map(([name, { type, min = 0, max = 1, part }]) => [
      name,
      {
        ...(type === undefined ? {} : { type }),
        min,
        max: max === Number.POSITIVE_INFINITY ? '*' : String(max),
        ...(part === undefined ? {} : { part: declared(part) }),
      },
    ]),
  )

const published = (parameters: readonly OperationDefinitionParameter[] = []): Record<string, Shape> =>
  Object.fromEntries(
    parameters
      .filter(({ use }) => use === 'in')
      .map(({ name, type, min, max, part }) => [
        name,
        { ...(type === undefined ? {} : { type }), min, max, ...(part ? { part: published(part) } : {}) },
      ]),
  )

t.test('operations of our own have definitions that say what they take and where they are', async (t) => {
  const own = (await loadOperations()).filter(({ url }) => url.startsWith('https://lamplight.dev/'))
  t.same(own.map(({ url }) => url).sort(), [...definitions.keys()].sort(), 'each has one')
  for (const { url, code, on, types, affectsState, input } of own) {
    const definition = definitions.get(url)
    t.match(definition, {
      code,
      affectsState,
      system: on.includes('system'),
      type: on.includes('type'),
      instance: on.includes('instance'),
    })
    t.same([...(definition?.resource ?? [])].sort(), [...types].sort(), `${code}: types`)
    t.same(published(definition?.parameter), declared(input), `${code}: what it takes`)
  }
})
