/** A CodeSystem resource in JSON, or a table in CSV, as a system of the database. */
import type { CodeSystem } from 'fhir/r4.js'
import { memorySystem } from '../memory-system.ts'
import { oneFile, type SourceFile } from './folder.ts'
import { commaed } from './lines.ts'
import { type ConceptRow, LoadError, type Loading, textProperty } from './row.ts'

/** The whole resource is read into memory. */
export const codeSystem = async (
  files: readonly SourceFile[],
  version: string | undefined,
): Promise<Loading> => {
  const { path, lines } = oneFile(files, /\.json$/i, 'CodeSystem in JSON')
  const resource = JSON.parse((await Array.fromAsync(lines())).join('\n')) as CodeSystem
  if (resource.resourceType !== 'CodeSystem' || resource.url === undefined)
    throw new LoadError(`${path} is not a CodeSystem with a url.`)
  const system = memorySystem(resource)
  const shown = version ?? resource.version
  return {
    url: resource.url,
    ...(shown === undefined ? {} : { version: shown }),
    name: system.name,
    properties: system.properties,
    rows: async function* () {
      for (const concept of system.concepts) yield { ...concept, parents: system.parents(concept.code) }
    },
  }
}

/** Columns code, display, and as wished definition, parent (several by `;`), inactive; all others are properties. */
export const csv = (files: readonly SourceFile[], url: string, version: string | undefined): Loading => ({
  url,
  ...(version === undefined ? {} : { version }),
  name: url,
  properties: [],
  rows: () => csvRows(files),
})

async function* csvRows(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const { path, lines } = oneFile(files, /\.csv$/i, 'CSV file')
  for await (const row of commaed(path, lines, ['code', 'display'])) {
    const code = row.get('code') ?? ''
    if (code === '') throw new LoadError(`${path} has a row without a code.`)
    const definition = row.get('definition')
    yield {
      code,
      display: row.get('display') ?? code,
      ...(definition ? { definition } : {}),
      inactive: row.get('inactive') === 'true',
      parents: (row.get('parent') ?? '').split(';').filter(Boolean),
      properties: row.columns
        .filter((name) => !known.has(name))
        .flatMap((name) => textProperty(name, row.get(name))),
    }
  }
}

const known = new Set(['code', 'display', 'definition', 'parent', 'inactive'])
