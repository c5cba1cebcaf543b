/** Sends transactions to a FHIR server: http://hl7.org/fhir/R4/http.html#transaction */
import { setTimeout as wait } from 'node:timers/promises'
import { type Issue, issue } from '../base/issue.ts'
import { Problem, unavailable } from '../base/problem.ts'
import { tokenFor } from './token.ts'

/** Where bundles go: `name` says which one it is, `text` is the Bundle in JSON. Rejects with a `Problem`. */
export type Sink = { deliver(name: string, text: string): Promise<void> }

/** How often a request that the server puts off is made before giving up. */
const attempts = 8

const unreachable = (base: string, cause: unknown): Problem =>
  unavailable(
    `No server answers at ${base}. Start one with "npm start", or name another with --base.`,
    0,
    cause,
  )

/** A server's base URL → a sink. Fails at once when nobody answers there. */
export const connect = async (base: string, given?: string): Promise<Sink> => {
  const response = await fetch(`${base}/metadata`, { headers: { accept: 'application/fhir+json' } }).catch(
    (cause: unknown) => {
      throw unreachable(base, cause)
    },
  )
  await response.body?.cancel()
  if (!response.ok) {
    throw unavailable(
      `${base}/metadata answers ${response.status}: this is not the base of a FHIR server. Name it with --base.`,
      0,
    )
  }
  const token = given ?? (await tokenFor(base))
  return { deliver: (_name, text) => post(base, token, text) }
}

/** Sending again is harmless: every entry is an update under a fixed id. */
const post = async (base: string, token: string | undefined, text: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const response = await once(base, token, text)
    if (response instanceof Response && response.ok) {
      await response.arrayBuffer()
      return
    }
    const later = !(response instanceof Response) || response.status === 429 || response.status === 503
    if (!later || attempt === attempts) throw await refusal(base, response)
    await wait(delay(attempt, response))
  }
}

const once = (base: string, token: string | undefined, body: string): Promise<Response | Error> =>
  fetch(base, {
    method: 'POST',
    headers: {
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
      prefer: 'return=minimal',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  }).catch((error: Error) => error)

/** Milliseconds: as long as the server says, otherwise twice as long each time. */
const delay = (attempt: number, response: Response | Error): number => {
  const asked =
    response instanceof Response ? Number(response.headers.get('retry-after') ?? Number.NaN) : Number.NaN
  return asked > 0 ? Math.min(asked, 60) * 1000 : 100 * 2 ** attempt
}

const refusal = async (base: string, response: Response | Error): Promise<Problem> => {
  if (response instanceof Error) return unreachable(base, response)
  return new Problem(response.status, issuesOf(response.status, await response.text()))
}

/** The issues of an OperationOutcome, each with the status before it, or the beginning of whatever else was sent. */
const issuesOf = (status: number, text: string): Issue[] => {
  const say = (diagnostics: string): string => `The server answers ${status}: ${diagnostics}`
  try {
    const outcome = JSON.parse(text) as {
      issue: { code: Issue['code']; diagnostics?: string; expression?: string[] }[]
    }
    return outcome.issue.map(({ code, diagnostics, expression }) =>
      issue(code, say(diagnostics ?? code), ...(expression ?? [])),
    )
  } catch {
    return [issue('exception', say(`no OperationOutcome but ${JSON.stringify(text.slice(0, 200))}`))]
  }
}
