/** Search parameters that users post, beside those of the specification: http://hl7.org/fhir/R4/searchparameter.html */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { resourceTypes } from '../fhir/resource-types.ts'
import type { Condition, Link } from './algebra.ts'
import type { Extractor } from './extract.ts'
import type { Plan } from './plan.ts'
import { parametersOf } from './sort-key.ts'

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

/** The editions of the parameters whose rows a search is answered from. */
export const editionsIn = (extractor: Extractor, plan: Plan): readonly string[] => {
  const names = new Set<string>()
  for (const condition of plan.where) gather(condition, names)
  if (plan.sort.by === 'values') for (const name of plan.sort.keys.flatMap(parametersOf)) names.add(name)
  for (const name of referrers(extractor, plan)) names.add(name)
  return [...new Set([...names].flatMap((name) => editionOf(name) ?? []))]
}

const gather = (condition: Condition, names: Set<string>): void => {
  const link = ({ prefix, where }: Link): void => {
    names.add(prefix)
    for (const one of where) gather(one, names)
  }
  if (condition.kind === 'tokens') for (const token of condition.any) names.add(token)
  else if (condition.kind === 'strings' || condition.kind === 'dates') names.add(condition.parameter)
  else if (condition.kind === 'quantities' || condition.kind === 'texts')
    for (const name of condition.parameters) names.add(name)
  else if (condition.kind === 'not') gather(condition.of, names)
  else if (condition.kind === 'every' || condition.kind === 'some')
    for (const one of condition.of) gather(one, names)
  else if (condition.kind === 'through') condition.any.forEach(link)
  else if (condition.kind === 'reverse') link(condition.link)
}

/** Who refers to the matches is found by index rows; whom they refer to is read from them. */
const referrers = (extractor: Extractor, { includes }: Plan): readonly string[] =>
  includes
    .filter(({ direction }) => direction === 'revinclude')
    .flatMap(({ source, code }) =>
      (source === undefined ? resourceTypes : [source]).flatMap((type) =>
        [...extractor.indexed(type).values()]
          .filter(
            ({ definition }) =>
              definition.type === 'reference' && (code ?? definition.code) === definition.code,
          )
          .map(({ parameter }) => parameter),
      ),
    )
