/** Search parameters that users post, beside those of the specification: http://hl7.org/fhir/R4/searchparameter.html */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'

/*
 * The rows of a posted parameter are named `Type.code#edition`. Whoever posts another definition under the same code
 * gets another edition, so that old rows are never mistaken for new ones; they are cleaned away when there is time.
 */

/** What the rows and tokens of a parameter are named by. */
export const parameterName = (
  type: string,
  { code, edition }: Pick<SearchParameterDefinition, 'code' | 'edition'>,
): string => (edition === undefined ? `${type}.${code}` : `${type}.${code}#${edition}`)

const form = /^[A-Za-z]+\.[\w-]+#([\w.]+)/

/** The edition in the name of a parameter or in a token; undefined for parameters of the specification. */
export const editionOf = (text: string): string | undefined =>
  text.includes('#') ? form.exec(text)?.[1] : undefined

type Table = ReadonlyMap<string, SearchParameterDefinition>

/**
 * The definitions with more search parameters. Types that none of them is about have the same table as before. A code
 * that is there already is not replaced.
 */
export const withParameters = (
  base: Definitions,
  posted: readonly SearchParameterDefinition[],
): Definitions => {
  const tables = new Map<string, Table>()
  for (const type of new Set(posted.flatMap((one) => one.base))) {
    const table = new Map(base.searchParameters(type))
    for (const one of posted) if (one.base.includes(type) && !table.has(one.code)) table.set(one.code, one)
    tables.set(type, table)
  }
  return { ...base, searchParameters: (type) => tables.get(type) ?? base.searchParameters(type) }
}
