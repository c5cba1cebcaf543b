/** The packages that come with this server: HL7's from npm, and its own. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { distribution, sourceVersion } from '../sources.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { createPacker, type Pack } from './pack.ts'
import { cachedPack } from './pack-cache.ts'
import { readFolder } from './read-folder.ts'

/** Reads the packs from the cache folder, or makes them (some seconds). */
export const builtInPacks = async (cacheFolder: string | undefined): Promise<readonly Pack[]> => {
  const packs: Pack[] = []
  // One after the other: making them is work for the processor, and only one is to be in memory.
  for (const open of sources) {
    const { key, manifest, definitions } = await open()
    const build = () => makePack(manifest, definitions())
    packs.push(key === undefined ? await build() : await cachedPack(cacheFolder, key, build))
  }
  return packs
}

type Source = {
  /** Name in the cache; undefined for what changes without a version and is small enough to be read each time. */
  readonly key: string | undefined
  readonly manifest: Manifest
  readonly definitions: () => AsyncIterable<unknown>
}

export const makePack = async (manifest: Manifest, definitions: AsyncIterable<unknown>): Promise<Pack> => {
  const packer = createPacker(manifest)
  for await (const definition of definitions) packer.add(definition)
  return packer.finish()
}

const readJsonFile = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))

const keyOf = ({ name, version }: Manifest): string => `${name}-${version}`

const npmPackage = async (file: string): Promise<Source> => {
  const manifest = readManifest(await readJsonFile(file))
  return { key: keyOf(manifest), manifest, definitions: () => readFolder(join(file, '..')) }
}

/** npm has R4's own definitions only in HL7's package of examples, among them (decision 0021). */
const core = async (): Promise<Source> => {
  const file = fileURLToPath(import.meta.resolve('hl7.fhir.r4.examples/package.json'))
  const examples = readManifest(await readJsonFile(file))
  const manifest: Manifest = {
    name: 'hl7.fhir.r4.core',
    version: examples.version,
    title: 'FHIR R4',
    canonical: 'http://hl7.org/fhir',
    dependencies: {},
  }
  return { key: keyOf(manifest), manifest, definitions: () => withoutExamples(readFolder(join(file, '..'))) }
}

async function* withoutExamples(definitions: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const definition of definitions) if (!isExample(definition as Named)) yield definition
}

type Named = { readonly resourceType: string; readonly id: string; readonly url?: string }

/** Some hosts stand in URLs of examples only; the profiles named `example-…` are R4's. */
const isExample = ({ resourceType, id, url = '' }: Named): boolean =>
  resourceType === 'Questionnaire' ||
  /^http:\/\/(example\.org|h7\.org|hl7\.org\/fhir\/us)\//.test(url) ||
  (resourceType !== 'StructureDefinition' && /^example(-|$)/.test(id))

/** The part of US Core 5.0.1 that npm has: eight StructureDefinitions and seven SearchParameters. */
const usCore = async (): Promise<Source> => {
  const folder = join(distribution(), 'fhir', 'r4')
  const manifest: Manifest = {
    name: 'hl7.fhir.us.core',
    version: '5.0.1',
    title: 'US Core, in part',
    canonical: 'http://hl7.org/fhir/us/core',
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  }
  return {
    key: `${keyOf(manifest)}+${await sourceVersion()}`,
    manifest,
    definitions: async function* () {
      yield* (await readJsonFile(
        join(folder, 'testing', 'uscore-v5.0.1-structuredefinitions.json'),
      )) as unknown[]
      const { entry } = (await readJsonFile(join(folder, 'search-parameters-uscore.json'))) as {
        entry: { resource: unknown }[]
      }
      for (const { resource } of entry) yield resource
    },
  }
}

const own = async (): Promise<Source> => {
  const folder = fileURLToPath(new URL('../../../../profiles/lamplight/', import.meta.url))
  const manifest = readManifest(await readJsonFile(join(folder, 'package.json')))
  return { key: undefined, manifest, definitions: () => readFolder(folder) }
}

const sources: readonly (() => Promise<Source>)[] = [
  core,
  () => npmPackage(fileURLToPath(import.meta.resolve('hl7.terminology.r4/package.json'))),
  () => npmPackage(fileURLToPath(import.meta.resolve('hl7.fhir.uv.extensions.r4/package.json'))),
  () => npmPackage(fileURLToPath(import.meta.resolve('hl7.fhir.uv.ips/package.json'))),
  () => npmPackage(fileURLToPath(import.meta.resolve('hl7.fhir.uv.sdc/package.json'))),
  usCore,
  own,
]
