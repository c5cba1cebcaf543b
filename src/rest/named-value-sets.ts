/** Finds the codes that a search means without naming them, before it is planned: http://hl7.org/fhir/R4/search.html#token */
import type { ValueSet } from 'fhir/r4.js'
import type { Ctx } from '../access/ctx.ts'
import type { Expansion } from '../fhir/definitions/value-set.ts'
import { codesKey, type NamedCodes, type Parameter, type ValueSets } from '../search/index.ts'
import type { House } from './house.ts'

/** Options for the plan; empty when nothing is named, or when only the definitions are known. */
export const expandNamed = async (
  house: House,
  ctx: Ctx,
  query: readonly Parameter[],
): Promise<{ readonly valueSets?: ValueSets }> => {
  if (!house.expand) return {}
  const named = house.search.valueSets(query)
  if (named.length === 0) return {}
  const all = await Promise.all(
    named.map(async (one) => [codesKey(one), await codesOf(house, ctx, one)] as const),
  )
  return { valueSets: new Map(all.filter((pair): pair is Found => pair[1] !== undefined)) }
}

type Found = readonly [string, Expansion | string]

/** Undefined for what the definitions are to be asked. */
const codesOf = async (
  house: House,
  ctx: Ctx,
  named: NamedCodes,
): Promise<Expansion | string | undefined> => {
  if ('valueSet' in named) {
    const id = storedId(ctx, named.valueSet)
    return id === undefined ? house.expand?.(ctx, named.valueSet) : storedCodes(house, ctx, id)
  }
  const found = await house.terminology?.related(ctx.tenant, named.system, named.code, named.side)
  const isDefined = house.definitions.codeSystems.get(named.system)?.codes.has(named.code) === true
  return typeof found === 'string' && isDefined ? undefined : found
}

/** The id in `ValueSet/[id]`, relative or below the base of this server. */
const storedId = ({ base }: Ctx, url: string): string | undefined => {
  const relative = url.startsWith(`${base}/`) ? url.slice(base.length + 1) : url
  return /^ValueSet\/([A-Za-z0-9.-]{1,64})$/.exec(relative)?.[1]
}

const storedCodes = async (house: House, ctx: Ctx, id: string): Promise<Expansion | string> => {
  const version = await house.store.current(ctx.tenant, { type: 'ValueSet', id })
  if (!version || version.content === null || !house.terminology)
    return `There is no ValueSet/${id} on this server.`
  return house.terminology.codes(ctx.tenant, JSON.parse(version.content) as ValueSet)
}
