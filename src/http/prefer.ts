/** The Prefer header: RFC 7240 and http://hl7.org/fhir/R4/http.html#ops */

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

const known = new Map<string, Preferences>()
const mostKnown = 100

/** Unknown preferences and values are ignored, as RFC 7240 demands; of a repeated one the first counts. */
export const parsePrefer = (header: string | undefined): Preferences => {
  if (header === undefined) return nothing
  const found = known.get(header)
  if (found) return found
  const made = parse(header)
  if (known.size >= mostKnown) known.clear()
  if (header.length <= 200) known.set(header, made)
  return made
}

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
