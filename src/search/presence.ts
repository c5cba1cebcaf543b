/** Which parameters of a resource have a value, as one number among its tokens: http://hl7.org/fhir/R4/search.html#missing */
import type { SearchParameterDefinition } from '../fhir/definitions/model.ts'

/*
 * The first token of a resource is `present|` and a number with one bit for each parameter that selects something in
 * it, whether or not a search could find that value (a concept with only a text has no code). Its hash is the number
 * itself, so that a statement can test a bit of `tokens[1]`. A bit is the place of the parameter's code among those of
 * its type in R4, sorted; that list is closed. Others have the token `Type.code!`.
 */

const form = /^present\|(-?\d+)$/

/** More parameters than this no type has; the sign stays unused. */
const most = 63

/** What the urls of the parameters of R4 start with. */
const standard = 'http://hl7.org/fhir/SearchParameter/'

/** Codes in the order of their bits. */
export const presenceBits = (
  parameters: Iterable<SearchParameterDefinition>,
): ReadonlyMap<string, number> => {
  const codes = [...parameters]
    .filter(({ expression, url }) => expression !== undefined && url.startsWith(standard))
    .map(({ code }) => code)
    .sort()
  return new Map(codes.slice(0, most).map((code, bit) => [code, bit]))
}

/** JavaScript that sets a bit in the variables `high` and `low`. */
export const setBit = (bit: number): string =>
  bit < 32 ? `low |= ${1 << bit};` : `high |= ${1 << (bit - 32)};`

/** The token of two 32-bit halves. */
export const presenceToken = (high: number, low: number): string =>
  high >>> 0 < exact ? `present|${(high >>> 0) * 2 ** 32 + (low >>> 0)}` : `present|${large(high, low)}`

/** Upper halves below this make numbers that JavaScript has exactly. */
const exact = 2 ** 21
const large = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

/** The number in a presence token, as decimal text; undefined for every other token. */
export const presenceValue = (token: string): string | undefined =>
  token.startsWith('present|') ? form.exec(token)?.[1] : undefined

/** The number with only this bit, as decimal text. */
export const bitValue = (bit: number): string => (1n << BigInt(bit)).toString()

/** Whether the bit is set in the tokens of a resource. */
export const isPresent = (tokens: readonly string[], bit: number): boolean => {
  const value = presenceValue(tokens[0] ?? '')
  return value !== undefined && ((BigInt(value) >> BigInt(bit)) & 1n) === 1n
}
