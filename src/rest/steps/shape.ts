/** Cuts the answer to a read down to what `_summary` and `_elements` ask for: http://hl7.org/fhir/R4/search.html#summary */
import { hasErrors } from '../../base/issue.ts'
import { invalid, Problem } from '../../base/problem.ts'
import { mandatoryElements, summaryElements } from '../../fhir/elements.ts'
import { selectElements } from '../../fhir/json/select.ts'
import type { Shape } from '../../search/index.ts'
import type { House } from '../house.ts'
import type { Step } from '../step.ts'

const names = (house: House, type: string, { summary, elements }: Shape): ReadonlySet<string> | undefined => {
  const { definitions } = house
  if (elements) return new Set([...elements, ...mandatoryElements(definitions, type)])
  if (summary === 'true') return summaryElements(definitions, type)
  if (summary === 'text') return new Set(['text', ...mandatoryElements(definitions, type)])
  if (summary !== 'data') return undefined
  const all = definitions.types.get(type)?.elements.keys() ?? []
  return new Set([...all].filter((name) => name !== 'text'))
}

/** Gives a function that cuts the text of a resource of the type; undefined when everything is wanted. */
export const cutter = (house: House, type: string, shape: Shape): ((text: string) => string) | undefined => {
  const kept = names(house, type, shape)
  return kept && ((text) => selectElements(text, kept))
}

export const shape: Step = (house, _ctx, turn) => {
  const { query, type } = turn.request
  const { reply } = turn
  if (query.length === 0 || type === undefined || !reply?.body) return turn
  const wanted = house.search.shape(type, query)
  if (hasErrors(wanted.issues)) throw new Problem(400, wanted.issues)
  if (wanted.shape.summary === 'count')
    throw invalid(
      '_summary=count counts the matches of a search; a read takes true, text, data or false.',
      'http._summary',
    )
  const cut = cutter(house, type, wanted.shape)
  return cut ? { ...turn, reply: { ...reply, body: [cut(reply.body.join(''))] } } : turn
}
