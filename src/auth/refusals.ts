/** What is wrong with the Authorization header: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
import { type Problem, unauthenticated } from '../base/problem.ts'

const form = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

const missing = unauthenticated(
  'This request needs an access token: send it as "Authorization: Bearer TOKEN". Where to get one is said at .well-known/smart-configuration below the FHIR base.',
)
const malformed = unauthenticated(
  'The Authorization header cannot be read. Send the access token as "Authorization: Bearer TOKEN".',
)

/** 401 for a token that opens nothing. */
export const unknownToken = unauthenticated(
  'The access token is not valid: it is unknown, has ended or was revoked. Get another one.',
)

/** The token. Throws a `Problem` (401) when there is none. */
export const bearerOf = (header: string | undefined): string => {
  if (header === undefined) throw missing
  const token = form.exec(header)?.[1]
  if (token === undefined) throw malformed
  return token
}

/** The value of `WWW-Authenticate` for a refusal; undefined for refusals that a token does not mend. */
export const challengeOf = (problem: Problem): string | undefined => {
  if (problem.status === 401) return problem === missing ? 'Bearer' : 'Bearer error="invalid_token"'
  const isForbidden = problem.status === 403 && problem.issues.some(({ code }) => code === 'forbidden')
  return isForbidden ? 'Bearer error="insufficient_scope"' : undefined
}
