/** The definitions in a folder of JSON files, one a file, as FHIR packages have them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCanonicalType } from './pack.ts'

/** Files that are read at the same time. */
const atOnce = 32

/** Every definition in the folder itself (`StructureDefinition-ips.json`), in the order of names. */
export async function* readFolder(folder: string): AsyncGenerator<unknown> {
  const names = (await readdir(folder)).filter(isDefinition).sort()
  for (let from = 0; from < names.length; from += atOnce) {
    const texts = await Promise.all(
      names.slice(from, from + atOnce).map((name) => readFile(join(folder, name), 'utf8')),
    )
    for (const text of texts) yield JSON.parse(text.replace(/^\uFEFF/, ''))
  }
}

/** Packages name files by type and id; the many examples among them need not be read. */
const isDefinition = (name: string): boolean => name.endsWith('.json') && isCanonicalType(name.split('-')[0])
