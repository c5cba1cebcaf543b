/** The Prefer header: RFC 7240 and http://hl7.org/fhir/R4/http.html#ops */
import { remembered } from '../base/remembered.ts'

export type Preferences = {
  readonly return?: 'minimal' | 'representation' | 'OperationOutcome'
  readonly lenient?: boolean
  /** Value of `Preference-Applied`; absent when nothing was understood. */
  readonly applied?: string
}

const nothing: Preferences = {}
const returns = new Map([
  ['minimal', 'minimal'],
  ['representation', 'representation'],
  ['operationoutcome', 'OperationOutcome'],
] as const)

/** Unknown preferences and values are ignored, as RFC 7240 demands; of a repeated one the first counts. */
export const parsePrefer = (header: string | undefined): Preferences =>
  header === undefined ? nothing : known(header)

const parse = (header: string): Preferences => {
  const wishes = new Map<string, string>()
  for (const part of header.split(/[,;]/)) {
    const [name, value] = part.split('=', 2)
    const key = name!.trim().toLowerCase()
    if (!wishes.has(key))
      wishes.set(
        key,
        (value ?? '')
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .toLowerCase(),
      )
  }
  const wanted = returns.get(wishes.get('return') as 'minimal')
  const handling = wishes.get('handling')
  const isKnown = handling === 'lenient' || handling === 'strict'
  const applied = [wanted && `return=${wanted}`, isKnown && `handling=${handling}`].filter(Boolean).join(', ')
  return {
    ...(wanted ? { return: wanted } : {}),
    ...(isKnown ? { lenient: handling === 'lenient' } : {}),
    ...(applied ? { applied } : {}),
  }
}

const known = remembered(parse, { most: 100, longest: 200 })
