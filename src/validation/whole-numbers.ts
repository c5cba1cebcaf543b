/** Numbers that only their text betrays: `1.0` and `1e2` are no integers of FHIR (http://hl7.org/fhir/R4/datatypes.html#integer). */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions, TypeDefinition } from '../fhir/definitions/model.ts'
import { isRawNumber, parseLossless } from '../fhir/json/lossless.ts'
import { readJson } from '../fhir/json/read.ts'
import type { JsonValue } from '../fhir/json/value.ts'
import { below } from './wording.ts'

const integers = new Set(['integer', 'positiveInt', 'unsignedInt'])

/** A number with a fraction or an exponent that `JSON.parse` makes whole; also found in strings, then in vain. */
const suspect = /[:[,]\s*-?\d+(?:\.0+(?!\d)|(?:\.\d+)?[eE])/

/** Only to be asked of text that was parsed and has the structure of its type. */
export const oddIntegers = (text: string, definitions: Definitions): readonly Issue[] => {
  if (!suspect.test(text)) return []
  const issues: Issue[] = []
  resource(parseLossless<JsonValue>(readJson(text).text), undefined, definitions, issues)
  return issues
}

const resource = (
  value: JsonValue,
  path: string | undefined,
  definitions: Definitions,
  issues: Issue[],
): void => {
  if (!isObject(value)) return
  const type = definitions.types.get(String(value.resourceType))
  if (type) members(value, type, path ?? type.name, definitions, issues)
}

const members = (
  owner: Record<string, JsonValue>,
  type: TypeDefinition,
  path: string,
  definitions: Definitions,
  issues: Issue[],
): void => {
  for (const [name, value] of Object.entries(owner)) {
    const element = type.elements.get(name)
    if (!element) continue
    const at = below(path, element)
    const list = Array.isArray(value) ? value : [value]
    for (const [index, item] of list.entries()) {
      const itemPath = Array.isArray(value) ? `${at}[${index}]` : at
      if (isRawNumber(item)) {
        if (integers.has(element.type))
          issues.push({
            ...issue('value', `${itemPath} must be written without fraction and exponent, as 12.`, itemPath),
            rule: 'integer-form',
          })
      } else if (element.type === 'Resource') resource(item, itemPath, definitions, issues)
      else if (isObject(item)) {
        const inner = definitions.types.get(element.type)
        if (inner) members(item, inner, itemPath, definitions, issues)
      }
    }
  }
}

const isObject = (value: JsonValue): value is Record<string, JsonValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
