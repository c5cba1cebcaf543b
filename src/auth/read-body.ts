/** Bodies of our own pages: forms and small JSON. The rest below `/auth` is read by oidc-provider. */
import type { FastifyRequest } from 'fastify'
import { invalid, tooLarge } from '../base/problem.ts'

/** Characters of the longest list of scopes, and some. */
const most = 64 * 1024

const readText = async ({ raw }: FastifyRequest): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) throw tooLarge('The body is longer than anything that this page sends.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export const readForm = async (request: FastifyRequest): Promise<URLSearchParams> =>
  new URLSearchParams(await readText(request))

/** Throws `Problem` (400) for what is no JSON. */
export const readJson = async (request: FastifyRequest): Promise<unknown> => {
  try {
    return JSON.parse(await readText(request)) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('The body is not JSON.')
    throw error
  }
}
