/** A package's definitions in one buffer, compressed in blocks, with an index that tells what is where. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { CanonicalType } from '../canonicals.ts'
import { type Manifest, PackageError } from './manifest.ts'

/** Part of the name of cached packs: raise it with every change of the form or of what is taken in. */
export const packFormat = 1

/** JSON of one place in the index; `at` and `length` count bytes of the decompressed block. */
export type PackedEntry = readonly [
  type: CanonicalType,
  url: string,
  version: string | null,
  name: string | null,
  retired: 0 | 1,
  block: number,
  at: number,
  length: number,
]

export type Pack = {
  readonly manifest: Manifest
  readonly entries: readonly PackedEntry[]
  /** Where blocks begin in `data`; the last is its end. */
  readonly blocks: readonly number[]
  readonly data: Buffer
}

const types: ReadonlySet<string> = new Set<CanonicalType>([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'ConceptMap',
  'SearchParameter',
  'OperationDefinition',
  'Questionnaire',
  'NamingSystem',
  'ImplementationGuide',
])

/** Whether it may be a definition of the types that are kept, by the name of its file or its `resourceType`. */
export const isCanonicalType = (type: string | undefined): type is CanonicalType =>
  type !== undefined && types.has(type)

export type Packer = {
  /** Takes a definition in; what is not one (no URL, another type) is left out. */
  add(resource: unknown): void
  finish(): Pack
}

/** Bytes that are compressed together: small definitions alone would hardly become smaller. */
const blockSize = 48 * 1024

export const createPacker = (manifest: Manifest): Packer => {
  const entries: PackedEntry[] = []
  const blocks = [0]
  const written: Buffer[] = []
  let pending: Buffer[] = []
  let filled = 0
  const flush = (): void => {
    if (filled === 0) return
    const block = zstdCompressSync(Buffer.concat(pending))
    written.push(block)
    blocks.push(blocks.at(-1)! + block.length)
    pending = []
    filled = 0
  }
  return {
    add: (resource) => {
      const head = headOf(resource)
      if (!head) return
      const text = textOf(resource as object)
      entries.push([...head, blocks.length - 1, filled, text.length])
      pending.push(text)
      filled += text.length
      if (filled >= blockSize) flush()
    },
    finish: () => {
      flush()
      return { manifest, entries, blocks, data: Buffer.concat(written) }
    },
  }
}

type Head = readonly [
  type: CanonicalType,
  url: string,
  version: string | null,
  name: string | null,
  retired: 0 | 1,
]

const headOf = (resource: unknown): Head | undefined => {
  if (typeof resource !== 'object' || resource === null) return undefined
  const { resourceType, version, name, status } = resource as Record<string, unknown>
  if (typeof resourceType !== 'string' || !isCanonicalType(resourceType)) return undefined
  const [url, versionInUrl] = urlOf(resource as Named)?.split('|') ?? []
  if (!url) return undefined
  return [
    resourceType,
    url,
    typeof version === 'string' ? version : (versionInUrl ?? null),
    typeof name === 'string' ? name : null,
    status === 'retired' ? 1 : 0,
  ]
}

type Named = {
  readonly url?: unknown
  readonly extension?: readonly { readonly url?: unknown; readonly valueUri?: unknown }[]
}

/** NamingSystem has no url before R5; packages for R4 give it by this extension. */
const namingUrl = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-NamingSystem.url'

const urlOf = ({ url, extension }: Named): string | undefined => {
  const given =
    url ?? (Array.isArray(extension) ? extension.find((one) => one?.url === namingUrl)?.valueUri : undefined)
  return typeof given === 'string' ? given : undefined
}

/** Without the narrative, which nobody here reads and which is a good half of many packages. */
const textOf = (resource: object): Buffer => {
  const { text: _, ...definition } = resource as Record<string, unknown>
  try {
    return Buffer.from(JSON.stringify(definition))
  } catch {
    throw new PackageError('A definition in it is nested too deeply.')
  }
}

/** Reads one definition out of its block. */
export const unpack = ({ data, blocks }: Pack, entry: PackedEntry): { json: unknown; length: number } => {
  const [, , , , , block, at, length] = entry
  const text = zstdDecompressSync(data.subarray(blocks[block], blocks[block + 1]))
  return { json: JSON.parse(text.toString('utf8', at, at + length)), length }
}
