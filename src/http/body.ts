/** Reads the bytes of a body within the limit, decompressed: RFC 9110, sections 8.4 and 15.5.14. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { invalid, type Problem, tooLarge, unsupportedMediaType } from '../base/problem.ts'

/**
 * All bytes of `stream`, or the refusal. A refusal is a value because the connection stays usable after it: what still
 * arrives of the body is thrown away unread, so that a client that is busy sending gets to see the answer.
 */
export const readBody = async (
  stream: Readable,
  headers: IncomingHttpHeaders,
  limit: number,
): Promise<Buffer | Problem> => {
  const decode = decoderOf(headers['content-encoding'])
  if (decode === undefined) return refuse(stream, unknownEncoding)
  if (Number(headers['content-length']) > limit) return refuse(stream, tooLong(limit))
  const bytes = await collect(stream, limit)
  if (!(bytes instanceof Buffer) || bytes.length === 0) return bytes
  return decode(bytes, limit)
}

const refuse = (stream: Readable, problem: Problem): Problem => {
  stream.resume()
  return problem
}

const collect = (stream: Readable, limit: number): Promise<Buffer | Problem> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    const finish = (result: Buffer | Problem) => {
      stream.off('data', take).off('end', end).off('close', lost).off('error', lost)
      // A stream without a listener throws its errors: one that is still being drained must not.
      stream.on('error', () => {})
      resolve(result)
    }
    const take = (chunk: Buffer) => {
      length += chunk.length
      if (length <= limit) chunks.push(chunk)
      else finish(refuse(stream, tooLong(limit)))
    }
    const end = () => finish(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
    const lost = () => finish(invalid('The body ended before it was complete. Send the request again.'))
    stream.on('data', take).on('end', end).on('close', lost).on('error', lost)
  })

type Decode = (bytes: Buffer, limit: number) => Buffer | Promise<Buffer | Problem>

const decompress =
  (run: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>): Decode =>
  (bytes, limit) =>
    run(bytes, { maxOutputLength: limit }).catch((error: NodeJS.ErrnoException) =>
      error.code === 'ERR_BUFFER_TOO_LARGE'
        ? tooLong(limit)
        : invalid('The body is not compressed as its Content-Encoding header says.'),
    )

const decoders: Readonly<Record<string, Decode>> = {
  '': (bytes) => bytes,
  identity: (bytes) => bytes,
  gzip: decompress(promisify(gunzip)),
  'x-gzip': decompress(promisify(gunzip)),
  br: decompress(promisify(brotliDecompress)),
}

const decoderOf = (encoding: string | undefined): Decode | undefined => {
  const name = (encoding ?? '').trim().toLowerCase()
  return Object.hasOwn(decoders, name) ? decoders[name] : undefined
}

const unknownEncoding = unsupportedMediaType(
  'The Content-Encoding of the body is not understood. Send the body as it is, or compressed with gzip or br.',
)

const tooLong = (limit: number): Problem =>
  tooLarge(
    `The body is larger than the ${limit} bytes that this server accepts. Split it, or raise LAMPLIGHT_BODY_LIMIT.`,
  )
