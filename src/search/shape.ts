/** `_summary` and `_elements`, for searches and reads: http://hl7.org/fhir/R4/search.html#summary */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import type { Parameter, Shape } from './plan.ts'

const summaries = ['true', 'text', 'data', 'count', 'false'] as const

const isSummary = (text: string): text is Shape['summary'] => summaries.some((s) => s === text)

/** The parameters that this file understands. */
export const shapeParameters: readonly string[] = ['_summary', '_elements']

/** What the parameters ask for; those that it does not know are left alone. `_elements` names are those of the types. */
export const readShape = (
  definitions: Definitions,
  types: readonly string[],
  query: readonly Parameter[],
): { readonly shape: Shape; readonly issues: readonly Issue[] } => {
  const issues: Issue[] = []
  let summary: Shape['summary'] = 'false'
  const elements: string[] = []
  for (const [name, value] of query) {
    if (name === '_summary') {
      if (isSummary(value)) summary = value
      else issues.push(issue('value', `Use one of ${summaries.join(', ')} for "_summary".`, 'http._summary'))
    } else if (name === '_elements') {
      for (const part of value.split(',')) {
        const members = types.flatMap((type) => membersOf(definitions, type, part.trim()))
        if (members.length > 0) elements.push(...members)
        else issues.push(noSuchElement(types, part.trim()))
      }
    }
  }
  if (elements.length > 0 && summary !== 'false')
    issues.push(issue('invalid', 'Use either "_summary" or "_elements", not both.', 'http._elements'))
  return { shape: elements.length > 0 ? { summary, elements: [...new Set(elements)] } : { summary }, issues }
}

const noSuchElement = (types: readonly string[], part: string): Issue =>
  issue(
    'value',
    `"_elements" takes names of elements directly under ${types.slice(0, 5).join(' or ')}, separated by commas; ${JSON.stringify(part.slice(0, 64))} is none.`,
    'http._elements',
  )

/** `Patient.name` and `name` → name; `value` → valueQuantity, valueString, … */
const membersOf = (definitions: Definitions, type: string, part: string): readonly string[] => {
  const name = part.startsWith(`${type}.`) ? part.slice(type.length + 1) : part
  const definition = definitions.types.get(type)
  if (definition?.elements.has(name)) return [name]
  return definition?.choices.find((c) => c.name === name.replace(/\[x\]$/, ''))?.members ?? []
}
