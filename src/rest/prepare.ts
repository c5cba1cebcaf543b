/** From a body's text to a resource that is ready to be written: checked, indexed, its references known. */
import type { Ctx } from '../access/ctx.ts'
import { hasErrors, type Issue, issue } from '../base/issue.ts'
import { invalid, Problem } from '../base/problem.ts'
import { countMembers, type JsonText, readJson } from '../fhir/json/read.ts'
import { stamp } from '../fhir/json/stamp.ts'
import { linksOf } from '../fhir/links.ts'
import { type Hashes, hashTokens, storedRows } from '../search/index.ts'
import { keyText, type ResourceKey, type SideRows, type Write } from '../store/index.ts'
import { checkBehaviour } from './behaviours/index.ts'
import type { House } from './house.ts'
import { tokensOf } from './integrity.ts'
import { conditionalReference, localReference, referencesIn } from './references.ts'
import { validateOne } from './validity.ts'

/** A resource on its way in. `text` has no insignificant whitespace; `references` are local ones to what is stored, each once. */
export type Prepared = {
  readonly type: string
  readonly json: JsonText
  /** What a search looks up, as it stands in the database. */
  readonly tokens: Hashes
  readonly rows: SideRows
  readonly references: readonly ResourceKey[]
}

/** Parses a body. Throws 400 with line and column. */
export const parseBody = (house: House, text: string): JsonText =>
  readJson(text, { depth: house.options.maxDepth })

/** Refuses what is not a resource of the type. Throws 400 with all issues. */
export const checkStructure = (house: House, ctx: Ctx, json: JsonText, type: string): void => {
  const found = json.value.resourceType
  if (found === undefined)
    throw invalid(`The resource has no resourceType; it must be "${type}" here.`, 'resourceType')
  if (found !== type)
    throw invalid(
      `The resourceType is ${JSON.stringify(found)}, but the URL says ${type}; send a ${type} or use the other URL.`,
      'resourceType',
    )
  const issues = house.structure.check(json.value, json.members, json.text)
  if (hasErrors(issues)) throw new Problem(400, allIssues(house, ctx, json, type) ?? issues)
}

/** Whoever must mend the structure wants to know at once what else is wrong. */
const allIssues = (house: House, ctx: Ctx, json: JsonText, type: string): readonly Issue[] | undefined => {
  if (!house.validity || countMembers(json.value) !== json.members) return undefined
  const { issues } = validateOne(house.validity(ctx), { type, json })
  return hasErrors(issues) ? issues : undefined
}

const refuseConditional = (conditional: readonly string[]): void => {
  if (conditional.length === 0) return
  throw new Problem(
    400,
    conditional.map((reference) =>
      issue(
        'not-supported',
        `The conditional reference ${JSON.stringify(reference.split('?')[0])}?… can be resolved only in a transaction; send the resource in one, or refer to an id.`,
      ),
    ),
  )
}

/** Index rows and references of checked content. Conditional references must have been resolved before. */
export const prepare = (house: House, ctx: Ctx, json: JsonText, type: string): Prepared => {
  checkBehaviour(house, ctx, type, json.value)
  const rows = house.search.extract(type, json.value, ctx.base)
  const found = referencesIn(json.text)
  refuseConditional(found.filter((reference) => conditionalReference(reference) !== undefined))
  const references = new Map<string, ResourceKey>()
  for (const reference of found) {
    const key = localReference(reference, ctx.base)
    if (key) references.set(keyText(key), key)
  }
  const keys = [...references.values()]
  return {
    type,
    json,
    rows: storedRows(ctx.tenant, rows),
    tokens: hashTokens(ctx.tenant, tokensOf(rows, keys)),
    references: house.keepers ? keys.filter((key) => isStored(house, key)) : keys,
  }
}

/** Whether the store can tell if there is such a resource: what is kept elsewhere is not looked for. */
export const isStored = ({ keepers }: House, { type }: ResourceKey): boolean => keepers?.has(type) !== true

/** What the store takes to write prepared content under an id. */
export const writeOf = (ctx: Ctx, { type, json, tokens, rows, references }: Prepared, id: string): Write => ({
  type,
  id,
  content: stamp(json.text, id, json.value),
  tokens,
  rows,
  references,
  at: ctx.at,
})

/** The refusal for references that point at nothing, with the places where they stand. */
export const missingProblem = (
  house: House,
  ctx: Ctx,
  prepared: Prepared,
  missing: readonly ResourceKey[],
): Problem => new Problem(422, missingIssues(house, ctx, prepared, missing))

/** Whoever has more than these to mend wants to see the first ones. */
const mostIssues = 100

/** One issue per missing reference, the first hundred of them. */
export const missingIssues = (
  house: House,
  ctx: Ctx,
  prepared: Pick<Prepared, 'json'>,
  missing: readonly ResourceKey[],
): Issue[] => {
  const wanted = new Map(missing.slice(0, mostIssues).map((key) => [keyText(key), [] as string[]]))
  for (const { reference, path } of linksOf(house.definitions, prepared.json.value)) {
    const local = localReference(reference, ctx.base)
    const paths = local && wanted.get(keyText(local))
    if (paths && paths.length < mostIssues) paths.push(path)
  }
  const issues = [...wanted].map(([key, paths]) =>
    issue(
      'not-found',
      `${key} does not exist on this server; create it first, or correct the reference.`,
      ...paths,
    ),
  )
  const more = missing.length - mostIssues
  return more > 0 ? [...issues, issue('not-found', `${more} more references point at nothing.`)] : issues
}
