/** Reads the bytes of a body within the limit, decompressed: RFC 9110, sections 8.4 and 15.5.14. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { invalid, type Problem, tooLarge, unsupportedMediaType } from '../base/problem.ts'
import { type Hold, outOfMemory } from './memory.ts'

/**
 * All bytes of `stream`, or the refusal. A refusal is a value because the connection stays usable after it: what still
 * arrives of the body is thrown away unread, so that a client that is busy sending gets to see the answer.
 */
export const readBody = async (
  stream: Readable,
  headers: IncomingHttpHeaders,
  limit: number,
  hold: Hold,
): Promise<Buffer | Problem> => {
  const decode = decoderOf(headers['content-encoding'])
  if (decode === undefined) return refuse(stream, unknownEncoding)
  const declared = Number(headers['content-length'] ?? 0)
  if (declared > limit) return refuse(stream, tooLong(limit))
  // What is announced is taken at once: many that have begun and cannot end would help nobody.
  if (!hold.take(declared)) return refuse(stream, outOfMemory())
  const bytes = await collect(stream, { limit, hold, taken: declared })
  if (!(bytes instanceof Buffer) || bytes.length === 0) return bytes
  return decode(bytes, { limit, hold, taken: 0 })
}

/** What may come: `taken` bytes are held already. */
type Bounds = { readonly limit: number; readonly hold: Hold; readonly taken: number }

const refuse = (stream: Readable, problem: Problem): Problem => {
  stream.resume()
  return problem
}

const collect = (stream: Readable, { limit, hold, taken }: Bounds): Promise<Buffer | Problem> =>
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
      const before = Math.max(length, taken)
      length += chunk.length
      if (length > limit) finish(refuse(stream, tooLong(limit)))
      else if (length > before && !hold.take(length - before)) finish(refuse(stream, outOfMemory()))
      else chunks.push(chunk)
    }
    const end = () => finish(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length))
    const lost = () => finish(invalid('The body ended before it was complete. Send the request again.'))
    stream.on('data', take).on('end', end).on('close', lost).on('error', lost)
  })

type Decode = (bytes: Buffer, bounds: Bounds) => Buffer | Promise<Buffer | Problem>

/** In pieces, so that a small body that becomes a large one is noticed before it is one. */
const decompress =
  (open: () => Transform): Decode =>
  async (bytes, bounds) => {
    const stream = open()
    const broken = new Promise<Problem>((resolve) => {
      stream.once('error', () =>
        resolve(invalid('The body is not compressed as its Content-Encoding header says.')),
      )
    })
    stream.end(bytes)
    const result = await Promise.race([broken, collect(stream, bounds)])
    stream.destroy()
    return result
  }

const decoders: Readonly<Record<string, Decode>> = {
  '': (bytes) => bytes,
  identity: (bytes) => bytes,
  gzip: decompress(createGunzip),
  'x-gzip': decompress(createGunzip),
  br: decompress(createBrotliDecompress),
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
