/** Runs cases against a server, one after the other, and makes the run's record. */
import { createClient } from './client.ts'
import { at, type Json } from './json.ts'
import { type LoadedCase, loadCases } from './load-cases.ts'
import { matrixOf } from './matrix.ts'
import { type CaseResult, performCase } from './perform.ts'
import type { Run } from './report.ts'
import { registerClients } from './smart-clients.ts'

const nameOf = (statement: Json): string =>
  ['software.name', 'software.version']
    .map((path) => at(statement, path))
    .filter((part) => typeof part === 'string')
    .join(' ')

const isSmart = ({ suite }: LoadedCase): boolean => suite.startsWith('smart/')

/** Those of smart/ only where clients can be registered. */
const casesFor = (only: readonly string[], registration: string | undefined): readonly LoadedCase[] => {
  const cases = loadCases(only).filter((one) => registration !== undefined || !isSmart(one))
  if (cases.length === 0)
    throw new Error(`No case is called ${only.join(' or ')}, or --registration lacks for it.`)
  return cases
}

/** `shown` is called after each case. Throws when nobody answers at `base`, or nothing is selected. */
export const runCases = async (
  base: string,
  only: readonly string[],
  shown: (result: CaseResult) => void = () => {},
  token?: string,
  registration?: string,
): Promise<Run> => {
  const cases = casesFor(only, registration)
  const client = createClient(token)
  try {
    const begun = new Date().toISOString()
    const url = `${base}/metadata`
    const sent = { method: 'GET', url, headers: { accept: 'application/fhir+json' } }
    const { received } = await client.send(sent).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`Nobody answers at ${url}: ${error.message || error.code}`, { cause: error })
    })
    const statement = received.json ?? null
    const results: CaseResult[] = []
    const smart = registration === undefined ? undefined : await registerClients(client, base, registration)
    for (const one of cases) {
      const more = smart && isSmart(one) ? await smart() : new Map()
      const result = await performCase({ client, base }, one, more)
      shown(result)
      results.push(result)
    }
    const matrix = matrixOf(statement, results)
    return { base, begun, ended: new Date().toISOString(), software: nameOf(statement), results, matrix }
  } finally {
    client.close()
  }
}
