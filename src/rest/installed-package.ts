/** What users install of a FHIR package: its definitions, as resources that name it as their source. */
import type { Ctx } from '../access/ctx.ts'
import type { Issue } from '../base/issue.ts'
import { Problem } from '../base/problem.ts'
import { isCanonicalType } from '../fhir/definitions/packages/pack.ts'
import { definitionTypes } from '../fhir/definitions/posted.ts'
import type { House } from './house.ts'
import { performOne } from './perform-one.ts'
import { performBundle } from './transaction/bundle.ts'

/** Definitions that are written with one Bundle. */
const atOnce = 100

/** So many of them, in words. */
export const definitions = (count: number): string => (count === 1 ? '1 definition' : `${count} definitions`)

type Definition = {
  readonly resourceType: string
  readonly id?: string
  readonly url?: string
  readonly version?: string
  readonly name?: string
  readonly meta?: object
}

/** `source` is `name#version`, `canonical` what relative references in the package are relative to. */
type Origin = { readonly source: string; readonly canonical: string | undefined }

type Written = { readonly written: number; readonly refused: readonly string[] }

type ResponseEntry = {
  readonly response: { readonly status: string; readonly outcome?: { readonly issue: readonly Issue[] } }
}

/**
 * Writes each definition under an id of its own, or over what was installed of the same package before. Definitions that the server does not take are told, one sentence each.
 */
export const writeDefinitions = async (
  house: House,
  ctx: Ctx,
  { source, canonical }: Origin,
  found: AsyncIterable<unknown>,
): Promise<Written> => {
  let written = 0
  const refused: string[] = []
  let some: Definition[] = []
  const flush = async (): Promise<void> => {
    const entries = some.map((one) => putEntry(one, source, canonical))
    const answers = await sendAll(house, ctx, entries)
    for (const [at, { response }] of answers.entries()) {
      if (/^2/.test(response.status)) written++
      else
        refused.push(
          `${nameOf(some[at]!)}: ${response.outcome?.issue[0]?.diagnostics?.replace(/^Entry \d+: /, '') ?? response.status}`,
        )
    }
    some = []
  }
  for await (const one of found) {
    if (!isDefinition(one)) continue
    some.push(one)
    if (some.length === atOnce) await flush()
  }
  if (some.length > 0) await flush()
  return { written, refused }
}

/** Deletes what was installed; the number of definitions. */
export const deleteDefinitions = async (house: House, ctx: Ctx, source: string): Promise<number> => {
  let deleted = 0
  for (const type of definitionTypes)
    for (;;) {
      const ids = await idsOf(house, ctx, type, source)
      if (ids.length === 0) break
      await send(
        house,
        ctx,
        ids.map((id) => ({ request: { method: 'DELETE', url: `${type}/${id}` } })),
        'transaction',
      )
      deleted += ids.length
    }
  return deleted
}

const isDefinition = (one: unknown): one is Definition =>
  isCanonicalType((one as Partial<Definition> | null)?.resourceType)

const nameOf = ({ resourceType, url, id }: Definition): string => `${resourceType} ${url ?? id}`

/** A search value: commas, dollars and bars in it are meant as such. */
const literal = (value: string): string => encodeURIComponent(value.replaceAll(/[\\,$|]/g, '\\$&'))

/** NamingSystem has neither url nor version in R4. */
const conditionOf = ({ url, version, name = '' }: Definition): string => {
  if (url === undefined) return `name:exact=${literal(name)}`
  return `url=${literal(url)}&${version === undefined ? 'version:missing=true' : `version=${literal(version)}`}`
}

const putEntry = (one: Definition, source: string, canonical: string | undefined): object => {
  const { id: _, ...definition } = one.resourceType === 'ImplementationGuide' ? absolute(one, canonical) : one
  return {
    resource: { ...definition, meta: { ...definition.meta, source } },
    request: {
      method: 'PUT',
      url: `${definition.resourceType}?${conditionOf(definition)}&_source=${literal(source)}`,
    },
  }
}

const relative = /^[A-Z]\w+\/[\w.-]+$/

/** A guide refers to what is in its package by ids that are not those of this server: they are said in full. */
const absolute = (guide: Definition, canonical = 'urn:package'): Definition =>
  JSON.parse(JSON.stringify(guide), (key, value: unknown) =>
    key === 'reference' && typeof value === 'string' && relative.test(value)
      ? `${canonical}/${value}`
      : value,
  ) as Definition

/** Together, and only when that is refused one by one, to find what is wrong. */
const sendAll = async (
  house: House,
  ctx: Ctx,
  entries: readonly object[],
): Promise<readonly ResponseEntry[]> => {
  try {
    return await send(house, ctx, entries, 'transaction')
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error
    return send(house, ctx, entries, 'batch')
  }
}

/** What a package says of itself is checked for its structure, not against profiles: it was published as it is. */
const send = async (
  house: House,
  ctx: Ctx,
  entry: readonly object[],
  type: 'batch' | 'transaction',
): Promise<readonly ResponseEntry[]> => {
  const text = JSON.stringify({ resourceType: 'Bundle', type, entry })
  const request = { interaction: type, query: [], body: { text } } as const
  const { body = [] } = await performBundle({ ...house, validity: undefined }, ctx, request)
  return (JSON.parse(body.join('')) as { entry: ResponseEntry[] }).entry
}

const idsOf = async (house: House, ctx: Ctx, type: string, source: string): Promise<readonly string[]> => {
  const query = [
    ['_source', source.replaceAll(/[\\,$|]/g, '\\$&')],
    ['_count', String(atOnce)],
    ['_elements', 'id'],
  ] as const
  const { body = [] } = await performOne(house, ctx, { interaction: 'search-type', type, query })
  const { entry = [] } = JSON.parse(body.join('')) as {
    entry?: { resource: { resourceType: string; id: string } }[]
  }
  return entry.filter(({ resource }) => resource.resourceType === type).map(({ resource }) => resource.id)
}
