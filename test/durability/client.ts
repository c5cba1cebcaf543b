/** A plain HTTP client: thousands of requests a round cost little beside the server that is tested. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Rejects when the connection breaks before the answer is whole. */
export const ask = (url: string, method = 'GET', body?: unknown): Promise<Answer> =>
  new Promise((done, fail) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/fhir+json' }
    const sent = request(url, { method, agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', fail)
      response.on('end', () => done({ status: response.statusCode!, headers: response.headers, text }))
    })
    sent.on('error', fail)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
