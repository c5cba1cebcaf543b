/** What a connection may cost before a request exists: header sizes, waiting times, and answers to broken framing. */
import type { Socket } from 'node:net'
import { outcomeText, rawProblem } from './outcome.ts'

/** Bytes and milliseconds. */
export type Limits = {
  /** Bytes of a body after decompression. */
  readonly body: number
  /** Bytes of the request line and all headers. */
  readonly headers: number
  /** Until the headers are complete. */
  readonly headersTimeout: number
  /** Until the whole request is here. */
  readonly requestTimeout: number
  /** Bytes of bodies and large answers that the process holds at a time. */
  readonly memory: number
  /** How long a client may read nothing of its answer. */
  readonly answerTimeout: number
  /** How long an idle connection stays open. */
  readonly keepAlive: number
}

/** How often Node looks for requests that take too long to arrive, in ms. */
const lookEvery = 500

/** Options of Fastify and of `node:http`. */
export const serverLimits = (limits: Limits) => ({
  requestTimeout: limits.requestTimeout,
  keepAliveTimeout: limits.keepAlive,
  http: {
    maxHeaderSize: limits.headers,
    headersTimeout: Math.min(limits.headersTimeout, limits.requestTimeout),
    connectionsCheckingInterval: lookEvery,
  },
})

const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}
const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}

/** Answers what the HTTP parser refuses; there is no request yet, so the response is written by hand. */
export const answerClientError = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  more: readonly string[],
): void => {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  const status = statuses[error.code ?? ''] ?? 400
  const body = outcomeText(rawProblem(status).issues)
  const head = [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    'Content-Type: application/fhir+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...more,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
}

/** Whether bytes of an answer are out already: more text would corrupt it. */
const isAnswering = (socket: Socket): boolean => {
  const { _httpMessage: message } = socket as Socket & { _httpMessage?: { headersSent?: boolean } | null }
  return message?.headersSent === true
}
