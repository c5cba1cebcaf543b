/** Referential integrity through index rows: which tokens tell that one resource refers to another. */
import type { Definitions } from '../fhir/definitions/model.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import { editionOf, type IndexRows, referenceToken } from '../search/index.ts'
import { keyText, type ResourceKey } from '../store/index.ts'

/** Tokens to write: the search parameters' own, and one more for each reference that no parameter covers. */
export const tokensOf = (rows: IndexRows, references: readonly ResourceKey[]): readonly string[] => {
  if (references.length === 0) return rows.tokens
  const others = references.length <= few ? fewUncovered(rows, references) : uncovered(rows, references)
  if (others.length === 0) return rows.tokens
  return [...rows.tokens, ...others.map((key) => referenceToken(key.type, key.id))]
}

/** Up to so many references are looked for among the tokens one by one. */
const few = 8

// A posted parameter may be withdrawn, and its tokens with it.
const fewUncovered = ({ tokens }: IndexRows, references: readonly ResourceKey[]): readonly ResourceKey[] =>
  references.filter((key) => {
    const end = `|${keyText(key)}`
    const last = end.charCodeAt(end.length - 1)
    return !tokens.some(
      (token) =>
        token.charCodeAt(token.length - 1) === last &&
        token.endsWith(end) &&
        token.indexOf('|') === token.length - end.length &&
        editionOf(token) === undefined,
    )
  })

const uncovered = ({ tokens }: IndexRows, references: readonly ResourceKey[]): readonly ResourceKey[] => {
  const own = tokens.filter((token) => editionOf(token) === undefined)
  const covered = new Set(own.map((token) => token.slice(token.indexOf('|') + 1)))
  return references.filter((key) => !covered.has(keyText(key)))
}

const referenceParameters = (
  definitions: Definitions,
): readonly { prefix: string; target: readonly string[] }[] =>
  resourceTypes.flatMap((type) =>
    [...definitions.searchParameters(type).values()]
      .filter((parameter) => parameter.type === 'reference')
      .map(({ code, target }) => ({ prefix: `${type}.${code}|`, target })),
  )

/** Gives every token that a reference to a resource may have been written as. */
export const createReferrerTokens = (definitions: Definitions): ((key: ResourceKey) => string[]) => {
  const parameters = referenceParameters(definitions)
  return (key) => [
    referenceToken(key.type, key.id),
    ...parameters
      .filter(({ target }) => target.length === 0 || target.includes(key.type))
      .map(({ prefix }) => prefix + keyText(key)),
  ]
}
