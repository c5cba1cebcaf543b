/** The functions that walkers call, and which of them writes an element of a type for a parameter of a type. */
import type { SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { isDerived, isWrittenByComposite } from './composite-walk.ts'
import {
  codedParameters,
  codingCodes,
  conceptCodes,
  identifierCodes,
  numberPairs,
  pairs,
  plainCodes,
  referenceCodes,
} from './params/composite.ts'
import { dateWriters, moment, period, timing } from './params/date.ts'
import { specialWriters } from './params/near.ts'
import { amount, numberWriters } from './params/number.ts'
import { money, quantity, quantityWriters, range, samples } from './params/quantity.ts'
import { link, referenceWriters } from './params/reference.ts'
import { address, addressParts, isPhonetic, nameParts, sounds, stringWriters, text } from './params/string.ts'
import { codingText, conceptText, identifierText, textWriters } from './params/text.ts'
import { tokenWriters } from './params/token.ts'
import { parameterName } from './posted.ts'

/** Writers of rows in side tables, and what composites need; those of tokens are in extract.ts. */
export const rowRuntime = {
  codingText,
  conceptText,
  identifierText,
  address,
  addressParts,
  amount,
  codedParameters,
  codingCodes,
  conceptCodes,
  identifierCodes,
  link,
  moment,
  money,
  nameParts,
  numberPairs,
  pairs,
  period,
  plainCodes,
  quantity,
  range,
  referenceCodes,
  samples,
  sounds,
  text,
  timing,
}

const uriWriters: Readonly<Record<string, string>> = {
  uri: 'address',
  url: 'address',
  canonical: 'address',
  oid: 'address',
  uuid: 'address',
}

type Table = Readonly<Record<string, string>>

const tokens: Readonly<Partial<Record<SearchParameterDefinition['type'], Table>>> = {
  token: tokenWriters,
  reference: referenceWriters,
  special: specialWriters,
}

const rows: Readonly<Partial<Record<SearchParameterDefinition['type'], Table>>> = {
  string: stringWriters,
  date: dateWriters,
  number: numberWriters,
  quantity: quantityWriters,
  uri: uriWriters,
}

/** Of every resource there is one or more of these; rows for them would be as many as resources. */
export const isTokenUri = ({ type, code }: SearchParameterDefinition): boolean =>
  type === 'uri' && code.startsWith('_')

/** Whether parameters of the type can be searched. */
export const isWritten = ({ type }: SearchParameterDefinition): boolean =>
  tokens[type] !== undefined || rows[type] !== undefined || type === 'composite'

/** JavaScript that writes an item, empty when others write it; undefined when the parameter cannot have such values. */
export const writeItem = (
  type: string,
  definition: SearchParameterDefinition,
  item: { readonly type: string; readonly code: string },
): string | undefined => {
  const parameter = parameterName(type, definition)
  const asToken = isTokenUri(definition) ? referenceWriters[item.type] : tokens[definition.type]?.[item.type]
  if (asToken !== undefined) {
    const call = (writer: string): string =>
      `${writer}(out, ${JSON.stringify(`${parameter}|`)}, ${item.code}, base);`
    const texts = definition.type === 'token' ? textWriters[item.type] : undefined
    return texts === undefined ? call(asToken) : call(asToken) + call(texts)
  }
  const writer = rows[definition.type]?.[item.type]
  if (writer === undefined) return undefined
  if (isDerived(parameter) || (isWrittenByComposite(parameter) && item.type === 'Quantity')) return ''
  const name = definition.type === 'string' && isPhonetic(definition.code) ? 'sounds' : writer
  return `${name}(rows, ${JSON.stringify(parameter)}, ${item.code});`
}
