/** $closure: http://hl7.org/fhir/R4/conceptmap-operation-closure.html */
import type { Coding, ConceptMap } from 'fhir/r4.js'
import type { Ctx } from '../../access/ctx.ts'
import { issue } from '../../base/issue.ts'
import { invalid, notFound, Problem, unprocessable } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { ClosureChange, ClosureConcept, ClosureLink } from '../../store/index.ts'
import { subsumes } from '../../terminology/index.ts'
import { blaming } from '../blame.ts'
import type { House } from '../house.ts'
import { defineOperation, type OperationCall, resourceReply } from '../operation.ts'
import { foundSystem, terminologyOf } from '../terminology.ts'

/** Concepts that one call may add. */
const mostAdded = 1000
/** Pairs that one call may compare. */
const mostPairs = 200_000

export const closure = defineOperation({
  code: 'closure',
  url: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-closure',
  on: ['system'],
  types: [],
  affectsState: true,
  input: {
    name: { type: 'string', min: 1 },
    concept: { type: 'Coding', max: Number.POSITIVE_INFINITY },
    version: { type: 'string' },
  },
  run: async (house, ctx, call) => {
    const name = call.one<string>('name')!
    const change = await blaming(call, ['concept'], () => changeOf(house, ctx, call, name))
    if (!change)
      throw notFound(
        `There is no closure table "${name}"; make it by calling $closure with its name only.`,
        'http.name',
      )
    return resourceReply(conceptMap(name, change, ctx.at))
  },
})

const changeOf = async (
  house: House,
  ctx: Ctx,
  call: OperationCall,
  name: string,
): Promise<ClosureChange | undefined> => {
  const { closures } = house.store
  const concepts = call.all<JsonObject>('concept') as readonly Coding[]
  const version = call.one<string>('version')
  if (version !== undefined && concepts.length > 0)
    throw invalid(
      'Send concept to add concepts, or version to read what was added; not both.',
      'http.version',
    )
  if (version !== undefined) {
    if (!/^[0-9]{1,9}$/.test(version))
      throw invalid('The version is a number that this server gave as ConceptMap.version.', 'http.version')
    return closures.since(ctx.tenant, name, Number(version))
  }
  if (concepts.length === 0) {
    await closures.start(ctx.tenant, name)
    return { version: 0, links: [] }
  }
  if (concepts.length > mostAdded)
    throw unprocessable(`Add at most ${mostAdded} concepts in one call.`, 'http.concept')
  const read = concepts.map(({ system, code }, index): ClosureConcept => {
    if (system === undefined || code === undefined)
      throw invalid('A concept needs a system and a code.', `http.concept[${index}]`)
    return { system, code }
  })
  return closures.add(ctx.tenant, name, read, (added, all) => relate(house, ctx, added, all))
}

const relate = async (
  house: House,
  ctx: Ctx,
  added: readonly ClosureConcept[],
  all: readonly ClosureConcept[],
): Promise<readonly ClosureLink[]> => {
  const terminology = terminologyOf(house)
  const scope = await terminology.scope(ctx.tenant)
  const links: ClosureLink[] = []
  for (const url of new Set(added.map(({ system }) => system))) {
    const system = foundSystem(scope, url, undefined)
    const fresh = added.filter((one) => one.system === url).map(({ code }) => code)
    const isFresh = new Set(fresh)
    const known = all.filter((one) => one.system === url).map(({ code }) => code)
    // Two new ones are compared once.
    const pairs = fresh.flatMap((code, index) =>
      known
        .filter((other) => other !== code && !(isFresh.has(other) && fresh.indexOf(other) < index))
        .map((other) => [code, other] as const),
    )
    if (pairs.length > mostPairs)
      throw unprocessable(
        `The closure table has ${known.length} concepts of ${url}; add fewer in one call.`,
        'http.concept',
      )
    // A code alone must exist as well.
    const asked = pairs.length > 0 ? pairs : fresh.map((code) => [code, code] as const)
    const outcomes = await subsumes(terminology.source, system, asked)
    for (const [index, outcome] of outcomes.entries()) {
      const [code, other] = asked[index]!
      if (typeof outcome === 'object')
        throw new Problem(422, [issue('code-invalid', outcome.reason, 'http.concept')])
      if (outcome === 'subsumed-by')
        links.push({ system: url, source: code, target: other, equivalence: 'subsumes' })
      if (outcome === 'subsumes')
        links.push({ system: url, source: other, target: code, equivalence: 'subsumes' })
    }
  }
  return links
}

/** The target of each element subsumes it. */
const conceptMap = (name: string, { version, links }: ClosureChange, at: number): ConceptMap => {
  const group = [...Map.groupBy(links, ({ system }) => system)].map(([system, own]) => ({
    source: system,
    target: system,
    element: [...Map.groupBy(own, ({ source }) => source)].map(([code, targets]) => ({
      code,
      target: targets.map(({ target }) => ({ code: target, equivalence: 'subsumes' as const })),
    })),
  }))
  return {
    resourceType: 'ConceptMap',
    version: String(version),
    name: `Updates for closure table ${name}`,
    status: 'active',
    experimental: true,
    date: new Date(at).toISOString(),
    ...(group.length > 0 ? { group } : {}),
  }
}
