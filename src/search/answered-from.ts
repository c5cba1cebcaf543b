/** Which index rows a search is answered from: those that are not all there yet cannot answer it. */
import { resourceTypes } from '../fhir/resource-types.ts'
import type { Condition, Link } from './algebra.ts'
import type { Extractor } from './extract.ts'
import type { Plan } from './plan.ts'
import { editionOf } from './posted.ts'
import { parametersOf } from './sort-key.ts'

/** Names of parameters, some with what a token has behind them. */
const namesIn = (extractor: Extractor, plan: Plan): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const condition of plan.where) gather(condition, names)
  if (plan.sort.by === 'values') for (const name of plan.sort.keys.flatMap(parametersOf)) names.add(name)
  for (const name of referrers(extractor, plan)) names.add(name)
  return names
}

/** The editions of posted parameters whose rows a search is answered from. */
export const editionsIn = (extractor: Extractor, plan: Plan): readonly string[] => [
  ...new Set([...namesIn(extractor, plan)].flatMap((name) => editionOf(name) ?? [])),
]

/** The types whose rows a search is answered from: its own, and those at the other ends of links. */
export const typesIn = (extractor: Extractor, plan: Plan): readonly string[] => {
  const linked = [...namesIn(extractor, plan)].map((name) => name.slice(0, name.indexOf('.')))
  return [...new Set([...(plan.across ?? [plan.type]), ...linked])]
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
