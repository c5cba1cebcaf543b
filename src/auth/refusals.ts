/** What is wrong with the Authorization header: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
import { type Problem, unauthenticated } from '../base/problem.ts'

const form = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

const missing = unauthenticated(
  'This request needs an access token: send it as "Authorization: Bearer TOKEN". Where to get one is said at .well-known/smart-configuration below the FHIR base.',
)
const malformed = unauthenticated(
  'The Authorization header cannot be read. Send the access token as "Authorization: Bearer TOKEN".',
)

export const unknownToken = unauthenticated(
  'The access token is not valid: it is unknown, has ended or was revoked. Get another one.',
)

/** The token, or why there is none. */
export const bearerOf = (header: string | undefined): string | Problem => {
  if (header === undefined) return missing
  return form.exec(header)?.[1] ?? malformed
}

/** The value of `WWW-Authenticate` for a refusal. */
export const challengeOf = (problem: Problem): string | undefined => {
  if (problem.status === 403) return undefined
  if (problem.status !== 401) return undefined
  return problem === missing ? 'Bearer' : 'Bearer error="invalid_token"'
}
