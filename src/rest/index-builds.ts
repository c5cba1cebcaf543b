/** Index rows of what was stored before: how they are made, and that searches are refused until they are there. */
import type { Ctx } from '../access/ctx.ts'
import { issue } from '../base/issue.ts'
import { Problem, unavailable } from '../base/problem.ts'
import type { SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { readJson } from '../fhir/json/read.ts'
import { typeName, typeNumber } from '../fhir/resource-types.ts'
import {
  editionOf,
  hashToken,
  type Parameter,
  type Plan,
  parameterName,
  parameterNumber,
  type Search,
  storedRows,
} from '../search/index.ts'
import {
  type BuildState,
  keyText,
  type Leftover,
  type Maker,
  type Progress,
  type ResourceKey,
  type RowsOf,
} from '../store/index.ts'
import type { House } from './house.ts'
import { tokensOf } from './integrity.ts'
import type { PostedDefinitions } from './posted/model.ts'
import { localReference, referencesIn } from './references.ts'

type MakeRows = (tenant: number, search: Search, base: string) => Maker['make']

const makeRows =
  (depth: number): MakeRows =>
  (tenant, search, base) =>
  (type, content) => {
    const json = readJson(content, { depth })
    const rows = search.extract(type, json.value, base)
    const references = new Map<string, ResourceKey>()
    for (const reference of referencesIn(json.text)) {
      const key = localReference(reference, base)
      if (key) references.set(keyText(key), key)
    }
    return {
      tokens: tokensOf(rows, [...references.values()]).map((token) => hashToken(tenant, token)),
      rows: storedRows(tenant, rows),
    }
  }

/** What of a search parameter that is no longer used is found in the rows of each of its types. */
const leftoversOf = (
  search: Search,
  tenant: number,
  definition: SearchParameterDefinition,
  base: string,
): readonly Leftover[] => {
  const own = search.withParameters([definition])
  return definition.base.map((type) => {
    const name = parameterName(type, definition)
    return {
      type,
      marker: hashToken(tenant, `${name}!`),
      parameter: parameterNumber(name),
      make: (content) =>
        own
          .extract(type, JSON.parse(content), base)
          .tokens.filter((token) => editionOf(token) === definition.edition)
          .map((token) => hashToken(tenant, token)),
    }
  })
}

/** Makes the rows of stored resources; `urlOf` gives a tenant's URL where it is known. */
export const createRowsOf = (
  { search, posted }: { readonly search: Search; readonly posted: PostedDefinitions },
  urlOf: (tenant: number) => string,
  depth: number,
): RowsOf => {
  const make = makeRows(depth)
  return {
    maker: async (tenant, base) => {
      const state = await posted.refresh(tenant)
      return { known: state.known, make: make(tenant, state.search, base ?? urlOf(tenant)) }
    },
    leftovers: (tenant, definition) =>
      leftoversOf(search, tenant, definition as SearchParameterDefinition, urlOf(tenant)),
  }
}

/** Makes the rows of one tenant's resources as they are written now. */
export const makerOf = (house: House, ctx: Ctx, known: string): Maker => ({
  known,
  make: makeRows(house.options.maxDepth)(ctx.tenant, house.search, ctx.base),
})

/** What every version wrote in the same way. */
const isOld = (condition: Plan['where'][number]): boolean =>
  condition.kind === 'ids' ||
  condition.kind === 'updated' ||
  (condition.kind === 'tokens' && condition.any.every((token) => /^\w+\.identifier\|/.test(token)))

const needsRows = ({ where, sort }: Plan): boolean =>
  !where.every(isOld) || sort.by === 'date' || sort.by === 'values'

/** Refuses (503) a search that would be answered from rows which are not all built. */
export const refuseUnbuilt = async (house: House, plan: Plan): Promise<void> => {
  await refusePosted(house, plan)
  if (!needsRows(plan)) return
  const progress = await house.store.building()
  if (!progress || !house.search.types(plan).some((type) => isBuilt(progress, type))) return
  const { done, total } = progress
  throw unavailable(
    `The index of what was stored by an earlier version is being built: ${shareOf(progress)} % (${done} of about ${total} resources). Until then only reads and searches by _id, _lastUpdated and identifier are answered${progress.types ? `, and those of other types than ${progress.types.map(typeName).join(', ')}` : ''}.`,
    10,
  )
}

/** Whether the build is of this type, too. */
const isBuilt = ({ types }: Progress, type: string): boolean =>
  types === null || types.includes(typeNumber(type) ?? 0)

const shareOf = ({ done, total }: { readonly done: number; readonly total: number }): number =>
  total > 0 ? Math.min(99, Math.floor((100 * done) / total)) : 0

/** Refuses (503) a search by a posted parameter whose rows are not all there. */
const refusePosted = async ({ posted, search }: House, plan: Plan): Promise<void> => {
  const { tenant } = plan
  const parameters = posted.loaded(tenant)?.parameters ?? []
  if (parameters.length === 0) return
  const editions = search.editions(plan)
  if (editions.length === 0) return
  const [first] = await posted.unready(tenant, editions)
  if (!first) return
  const { edition, build } = first
  const code = parameters.find((one) => one.edition === edition)?.code ?? 'that parameter'
  const progress = build
    ? `${shareOf(build)} % (${build.done} of about ${build.total} resources)`
    : 'it has not begun yet'
  const said = `The index of the search parameter "${code}" is being built: ${progress}. Until then it cannot be searched by; $reindex-status tells how far it is.`
  throw new Problem(503, [issue('transient', said, `http.${nameOf(plan, code)}`)], { retryAfter: 2 })
}

/** The parameter of the search that asks for it: itself, in a chain, or in another that names it in its value. */
const nameOf = ({ used }: Plan, code: string): string => {
  const isNamed = ([name]: Parameter): boolean => name.split(/[.:]/).includes(code)
  const isInValue = ([, value]: Parameter): boolean => value.split(/[^\w-]+|^-/).includes(code)
  return (used.find(isNamed) ?? used.find(isInValue))?.[0] ?? code
}

/** A posted parameter whose rows are not all there; without a build it has not begun. */
export type Unready = {
  readonly parameter: SearchParameterDefinition
  readonly build: BuildState | undefined
}

export const unreadyParameters = async ({ posted }: House, tenant: number): Promise<readonly Unready[]> => {
  const parameters = posted.loaded(tenant)?.parameters ?? []
  if (parameters.length === 0) return []
  const open = await posted.unready(
    tenant,
    parameters.map(({ edition }) => edition ?? ''),
  )
  return parameters.flatMap((parameter) => {
    const found = open.find(({ edition }) => edition === parameter.edition)
    return found ? [{ parameter, build: found.build }] : []
  })
}

/** The same as `Type:code`. */
export const unreadyNames = async (house: House, tenant: number): Promise<readonly string[]> =>
  (await unreadyParameters(house, tenant)).flatMap(({ parameter: { base, code } }) =>
    base.map((type) => `${type}:${code}`),
  )
