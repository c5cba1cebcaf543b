/** A FHIR package as it is handed around, a .tgz: https://hl7.org/fhir/packages.html */
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { decodeUtf8, readJson } from '../../json/read.ts'
import { type Manifest, PackageError, readManifest } from './manifest.ts'
import { createPacker, isCanonicalType, type Pack } from './pack.ts'
import { readTar, type TarLimits } from './tar.ts'

/** Several times what the largest published packages have. */
const limits: TarLimits = { file: 64 * 1024 ** 2, total: 2 * 1024 ** 3, files: 200_000 }

/**
 * The pack of a package. One file is in memory at a time, beside the pack, which is about a tenth of the definitions.
 * `open` may be called twice, as a manifest need not stand first. Throws a PackageError with a sentence that says
 * what is wrong.
 */
export const readTgz = async (open: () => Readable): Promise<Pack> => {
  const packer = createPacker(await tgzManifest(open))
  for await (const definition of tgzDefinitions(open())) packer.add(definition)
  return packer.finish()
}

/** The definitions in a package one after the other, as they are. Throws a PackageError. */
export async function* tgzDefinitions(stream: Readable): AsyncGenerator<unknown> {
  for await (const { name, content } of unzip(stream, isDefinition)) yield parse(name, content)
}

const manifestName = 'package/package.json'

/** The manifest of a package. Throws a PackageError. */
export const tgzManifest = async (open: () => Readable): Promise<Manifest> => {
  for await (const { content } of unzip(open(), (name) => name === manifestName))
    return readManifest(parse(manifestName, content))
  throw new PackageError('It has no package/package.json: it is not a FHIR package.')
}

/** Files of definitions stand right in `package/` and are named by their type: `package/ValueSet-colours.json`. */
const isDefinition = (name: string): boolean => {
  const [, file] = /^package\/([^/]+)\.json$/.exec(name) ?? []
  return isCanonicalType(file?.split('-')[0])
}

async function* unzip(stream: Readable, wanted: (name: string) => boolean) {
  const gunzip = createGunzip()
  stream.once('error', (error) => gunzip.destroy(error))
  try {
    yield* readTar(stream.pipe(gunzip), wanted, limits)
  } catch (error) {
    if (isZlib(error)) throw new PackageError('It is not a gzip file, or it is damaged.')
    throw error
  } finally {
    stream.destroy()
    gunzip.destroy()
  }
}

const isZlib = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('Z_')

const parse = (name: string, content: Buffer): unknown => {
  try {
    return readJson(decodeUtf8(content)).value
  } catch {
    throw new PackageError(`${name} in it is not a resource in JSON, or is nested too deeply.`)
  }
}
