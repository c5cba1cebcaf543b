/** A load generator over raw sockets: cheap enough to leave the cores to what is measured. */
import { connect, type Socket } from 'node:net'

/** What one connection sends next; undefined ends the run. */
export type NextRequest = () => LoadRequest | undefined
export type LoadRequest = {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly headers?: string
}

/** `rate` in requests per second; quantiles in milliseconds; `statuses` counts answers. */
export type LoadResult = {
  readonly requests: number
  readonly rate: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly statuses: ReadonlyMap<number, number>
}

type Answer = { readonly status: number; readonly bytes: number }

const message = (base: URL, { method, path, body, headers = '' }: LoadRequest): Buffer => {
  const { host, password: token } = base
  const bearer = token === '' ? '' : `Authorization: Bearer ${token}\r\n`
  const content =
    body === undefined
      ? ''
      : `Content-Type: application/fhir+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${bearer}${headers}${content}\r\n${body ?? ''}`,
  )
}

/** Reads one answer at a time; answers must carry Content-Length or have no body. */
const createReader = (socket: Socket): (() => Promise<Answer>) => {
  let chunks: Buffer[] = []
  let have = 0
  let need = -1
  let status = 0
  let headLength = 0
  let done: ((answer: Answer) => void) | undefined
  let fail: ((error: Error) => void) | undefined
  socket.on('error', (error) => fail?.(error))
  socket.on('close', () => fail?.(new Error('the server closed the connection')))
  const head = (text: string): void => {
    status = Number(text.slice(9, 12))
    const match = /\r\ncontent-length: *(\d+)/i.exec(text)
    const length = status === 204 || status === 304 ? 0 : Number(match?.[1] ?? Number.NaN)
    if (Number.isNaN(length)) fail?.(new Error(`an answer without Content-Length:\n${text}`))
    need = headLength + length
  }
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    have += chunk.length
    if (need < 0) {
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      if (end < 0) return
      headLength = end + 4
      head(all.toString('latin1', 0, end))
    }
    if (have < need) return
    const answer = { status, bytes: have }
    chunks = []
    have = 0
    need = -1
    done?.(answer)
  })
  return () =>
    new Promise((resolve, reject) => {
      done = resolve
      fail = reject
    })
}

const quantile = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0

/**
 * Runs `connections` at once, each sending its next request when the last is answered, for `seconds` or until nothing is left.
 * An access token is the password in `base`.
 */
export const load = async (
  base: URL,
  connections: number,
  seconds: number,
  next: NextRequest,
): Promise<LoadResult> => {
  const times: number[] = []
  const statuses = new Map<number, number>()
  const start = performance.now()
  const until = start + seconds * 1000
  const client = async (): Promise<void> => {
    const socket = connect({ host: base.hostname, port: Number(base.port), noDelay: true })
    const answer = createReader(socket)
    for (;;) {
      const at = performance.now()
      const request = at < until ? next() : undefined
      if (!request) break
      socket.write(message(base, request))
      const { status } = await answer()
      times.push(performance.now() - at)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, client))
  const elapsed = (performance.now() - start) / 1000
  const sorted = Float64Array.from(times).sort()
  return {
    requests: times.length,
    rate: times.length / elapsed,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    statuses,
  }
}
