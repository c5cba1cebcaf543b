/** Expands the value sets that a search names before it is planned: http://hl7.org/fhir/R4/search.html#token */
import type { Ctx } from '../access/ctx.ts'
import type { Parameter, ValueSets } from '../search/index.ts'
import type { House } from './house.ts'

/** Options for the plan; empty when nothing is named, or when only the definitions are known. */
export const expandNamed = async (
  { search, expand }: House,
  ctx: Ctx,
  query: readonly Parameter[],
): Promise<{ readonly valueSets?: ValueSets }> => {
  if (!expand) return {}
  const urls = search.valueSets(query)
  if (urls.length === 0) return {}
  const all = await Promise.all(urls.map(async (url) => [url, await expand(ctx, url)] as const))
  return { valueSets: new Map(all) }
}
