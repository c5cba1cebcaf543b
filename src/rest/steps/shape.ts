/** Cuts the answer to a read down to what `_summary` and `_elements` ask for: http://hl7.org/fhir/R4/search.html#summary */
import { issue } from '../../base/issue.ts'
import { invalid, Problem } from '../../base/problem.ts'
import { mandatoryElements, summaryElements } from '../../fhir/elements.ts'
import { selectElements } from '../../fhir/json/select.ts'
import type { Plan } from '../../search/index.ts'
import type { House } from '../house.ts'
import type { Step } from '../step.ts'

type Shape = Plan['shape']

const names = (house: House, type: string, { summary, elements }: Shape): ReadonlySet<string> | undefined => {
  if (elements) return new Set([...elements, ...mandatoryElements(house.definitions, type)])
  if (summary === 'true') return summaryElements(house.definitions, type)
  if (summary === 'text') return new Set(['text', ...mandatoryElements(house.definitions, type)])
  if (summary === 'data') {
    const all = house.definitions.types.get(type)?.elements.keys() ?? []
    return new Set([...all].filter((name) => name !== 'text'))
  }
  return undefined
}

/** Gives a function that cuts the text of a resource of the type; undefined when everything is wanted. */
export const cutter = (house: House, type: string, shape: Shape): ((text: string) => string) | undefined => {
  const kept = names(house, type, shape)
  return kept && ((text) => selectElements(text, kept))
}

const summaries = ['true', 'text', 'data', 'false'] as const

const elementsOf = (house: House, type: string, value: string): string[] => {
  const list = value.split(',').map((name) => name.trim())
  const known = house.definitions.types.get(type)
  const base = (name: string): string => name.split('.')[0] ?? ''
  const isKnown = (name: string): boolean =>
    known === undefined || known.elements.has(name) || known.choices.some((choice) => choice.name === name)
  const unknown = list.filter((name) => !isKnown(base(name)))
  if (unknown.length > 0)
    throw new Problem(
      400,
      unknown.map((name) =>
        issue(
          'invalid',
          `${type} has no element ${JSON.stringify(name)}; name elements of ${type} in _elements.`,
          'http._elements',
        ),
      ),
    )
  return list.flatMap((name) => {
    const choice = known?.choices.find((c) => c.name === base(name))
    return choice ? choice.members : [base(name)]
  })
}

const shapeOf = (house: House, type: string, query: readonly (readonly [string, string])[]): Shape => {
  const summaryText = query.find(([name]) => name === '_summary')?.[1]
  const elementsText = query.find(([name]) => name === '_elements')?.[1]
  const summary = summaries.find((s) => s === (summaryText ?? 'false'))
  if (summary === undefined)
    throw invalid(
      `_summary on a read is true, text, data or false, not ${JSON.stringify(summaryText)}.`,
      'http._summary',
    )
  if (elementsText === undefined) return { summary }
  if (summary !== 'false') throw invalid('Send _summary or _elements, not both.', 'http._elements')
  return { summary, elements: elementsOf(house, type, elementsText) }
}

export const shape: Step = (house, _ctx, turn) => {
  const { query, type } = turn.request
  const { reply } = turn
  if (query.length === 0 || type === undefined || !reply?.body) return turn
  const cut = cutter(house, type, shapeOf(house, type, query))
  return cut ? { ...turn, reply: { ...reply, body: [cut(reply.body.join(''))] } } : turn
}
