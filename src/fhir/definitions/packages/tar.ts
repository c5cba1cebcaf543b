/** Reads tar archives as a stream, one file in memory at a time: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
import { PackageError } from './manifest.ts'

export type TarFile = { readonly name: string; readonly content: Buffer }

/** All in bytes but `files`. Whatever is larger is refused. */
export type TarLimits = { readonly file: number; readonly total: number; readonly files: number }

const blockSize = 512

/**
 * The regular files whose name is `wanted`; others are passed over unread. Throws a PackageError for what is no tar
 * archive, is cut short, exceeds the limits, or has links, devices, or names that lead out of it.
 */
export async function* readTar(
  chunks: AsyncIterable<Buffer>,
  wanted: (name: string) => boolean,
  limits: TarLimits,
): AsyncGenerator<TarFile> {
  const source = createSource(chunks, limits.total)
  let longName: string | undefined
  for (let files = 0; ; files++) {
    const block = await source.take(blockSize)
    if (block.every((byte) => byte === 0)) return
    if (files === limits.files) throw new PackageError(`It has more than ${limits.files} files.`)
    const header = readHeader(block)
    if (header.size > limits.file && (header.type !== 'file' || wanted(longName ?? header.name)))
      throw new PackageError(`A file in it is larger than ${limits.file} bytes.`)
    const padding = (blockSize - (header.size % blockSize)) % blockSize
    if (header.type === 'name' || header.type === 'pax') {
      const content = await source.take(header.size)
      await source.skip(padding)
      longName = header.type === 'name' ? textOf(content) : (paxPath(content) ?? longName)
      continue
    }
    const name = checkName(longName ?? header.name)
    longName = undefined
    if (header.type === 'file' && wanted(name)) yield { name, content: await source.take(header.size) }
    else await source.skip(header.size)
    await source.skip(padding)
  }
}

type Header = {
  readonly name: string
  readonly size: number
  readonly type: 'file' | 'folder' | 'name' | 'pax' | 'ignored'
}

const kinds: Readonly<Record<string, Header['type']>> = {
  '0': 'file',
  '\0': 'file',
  '5': 'folder',
  L: 'name',
  x: 'pax',
  g: 'ignored',
}

const readHeader = (block: Buffer): Header => {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (octal(block, 148, 8) !== sum) throw new PackageError('It is not a tar archive, or it is damaged.')
  const type = kinds[String.fromCharCode(block[156]!)]
  if (!type) throw new PackageError('It has links or devices in it; only files and folders are taken.')
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? textOf(block.subarray(345, 500)) : ''
  const name = textOf(block.subarray(0, 100))
  return { name: prefix === '' ? name : `${prefix}/${name}`, size: octal(block, 124, 12), type }
}

const octal = (block: Buffer, at: number, length: number): number => {
  const text = textOf(block.subarray(at, at + length)).trim()
  if (!/^[0-7]{1,11}$/.test(text)) throw new PackageError('It is not a tar archive, or it is damaged.')
  return Number.parseInt(text, 8)
}

const textOf = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** Records are `<length> <keyword>=<value>\n`. */
const paxPath = (content: Buffer): string | undefined =>
  /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1]

const checkName = (name: string): string => {
  const parts = name.split('/')
  if (name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.includes('..'))
    throw new PackageError('A name in it leads out of the package.')
  return name.replace(/^(\.\/)+/, '')
}

type Source = { take(bytes: number): Promise<Buffer>; skip(bytes: number): Promise<void> }

const createSource = (chunks: AsyncIterable<Buffer>, total: number): Source => {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let seen = 0
  const next = async (): Promise<void> => {
    const { done, value } = await iterator.next()
    if (done) throw new PackageError('It is cut short.')
    seen += value.length
    if (seen > total) throw new PackageError(`It has more than ${total} bytes when decompressed.`)
    rest = value
  }
  const each = async (bytes: number, use: (part: Buffer) => void): Promise<void> => {
    for (let missing = bytes; missing > 0; ) {
      if (rest.length === 0) await next()
      const part = rest.subarray(0, missing)
      rest = rest.subarray(part.length)
      missing -= part.length
      use(part)
    }
  }
  return {
    take: async (bytes) => {
      const parts: Buffer[] = []
      await each(bytes, (part) => parts.push(part))
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    },
    skip: (bytes) => each(bytes, () => {}),
  }
}
