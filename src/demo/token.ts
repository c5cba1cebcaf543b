/** The access token with which the demo writes: a server that runs on this data folder gives one at the console. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { unauthenticated } from '../base/problem.ts'

const command = fileURLToPath(new URL('../token.ts', import.meta.url))

/** Undefined when the server wants none. Throws `Problem` (401) when one is needed and cannot be had. */
export const tokenFor = async (base: string): Promise<string | undefined> => {
  const response = await fetch(`${base}/Patient?_count=0`, { headers: { accept: 'application/fhir+json' } })
  await response.body?.cancel()
  if (response.status !== 401) return undefined
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [command, '--running'])
    return stdout.trim()
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string }
    throw unauthenticated(
      `The server wants an access token, and none can be had here. Name one with --token. ${stderr.trim()}`.trim(),
    )
  }
}
