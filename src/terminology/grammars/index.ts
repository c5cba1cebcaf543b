/** Code systems that come with the program: grammars, and lists that registries keep. */
import type { GrammarSystem, MemorySystem } from '../system.ts'
import { bcp13 } from './bcp-13.ts'
import { bcp47 } from './bcp-47.ts'
import { countries, subdivisions } from './iso-3166.ts'
import { currencies } from './iso-4217.ts'
import { rfc3986 } from './rfc-3986.ts'
import { timeZones } from './time-zones.ts'
import { ucum } from './ucum.ts'

const grammars = new Map<string, GrammarSystem>(
  [bcp13, bcp47, rfc3986, subdivisions, timeZones, ucum].map((system) => [system.url, system]),
)

const lists: Readonly<Record<string, () => MemorySystem>> = {
  'urn:iso:std:iso:3166': countries,
  'urn:iso:std:iso:4217': currencies,
}

/** URLs of the systems that the program itself has. */
export const builtInUrls: readonly string[] = [...grammars.keys(), ...Object.keys(lists)]

/** The system that the program itself has under this URL. */
export const builtIn = (url: string): GrammarSystem | MemorySystem | undefined =>
  grammars.get(url) ?? (Object.hasOwn(lists, url) ? lists[url]!() : undefined)
