/** The modifiers that a parameter takes: http://hl7.org/fhir/R4/search.html#modifiers */
import type { Definitions } from '../fhir/definitions/model.ts'
import type { Indexed } from './extract.ts'
import { stringModifiers } from './params/string.ts'
import { hasTexts } from './params/text.ts'
import { tokenModifiers } from './params/token-modifiers.ts'
import { uriModifiers } from './params/uri.ts'

/** Those of a type of resource besides `missing`, which all take, and besides the types that a reference may name. */
export const modifiersOf = (
  room: { readonly definitions: Definitions },
  indexed: Indexed,
  type: string,
): readonly string[] => {
  const { definition, types, targets } = indexed
  if (definition.type === 'string') return stringModifiers
  if (definition.type === 'uri') return uriModifiers
  if (definition.type === 'token')
    return [...(hasTexts(indexed) ? ['text'] : []), ...tokenModifiers(room, indexed)]
  return definition.type === 'reference' ? referenceModifiers(types, targets, type) : []
}

const referenceModifiers = (
  types: ReadonlySet<string>,
  targets: readonly string[],
  type: string,
): readonly string[] => [
  ...(types.has('Reference') ? ['identifier'] : []),
  ...(!types.has('Reference') || targets.includes(type) ? ['above', 'below'] : []),
]
