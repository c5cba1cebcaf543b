/** Countries in two letters, three letters and three digits, and the form of their parts: https://www.iso.org/iso-3166-country-codes.html */
import { createRequire } from 'node:module'
import { flatSystem } from '../memory-system.ts'
import type { GrammarSystem, MemorySystem } from '../system.ts'
import { bare } from './bare.ts'

const require = createRequire(import.meta.url)

type Row = readonly [alpha2: string, alpha3: string, digits: string, ...unknown[]]
type Names = { readonly countries: Readonly<Record<string, string | readonly string[]>> }

let made: MemorySystem | undefined

/** Made when it is asked for the first time. */
export const countries = (): MemorySystem => {
  made ??= flatSystem({ url: 'urn:iso:std:iso:3166', name: 'ISO 3166-1', concepts: concepts() })
  return made
}

const concepts = () => {
  const rows: readonly Row[] = require('i18n-iso-countries/codes.json')
  const { countries: names }: Names = require('i18n-iso-countries/langs/en.json')
  const display = (alpha2: string): string | undefined => {
    const name = names[alpha2]
    return typeof name === 'string' ? name : name?.[0]
  }
  const sorted = rows.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [0, 1, 2].flatMap((form) => sorted.map((row) => bare(row[form] as string, display(row[0]))))
}

/** The parts of a country are too many and change: their country and form are checked. */
export const subdivisions: GrammarSystem = {
  kind: 'grammar',
  url: 'urn:iso:std:iso:3166:-2',
  name: 'ISO 3166-2',
  find: (code) => {
    const [, country] = /^([A-Z]{2})-[A-Z0-9]{1,3}$/.exec(code) ?? []
    if (country === undefined) return `"${code}" is not a part of a country such as US-CA.`
    return countries().find(country)
      ? bare(code)
      : `"${code}" is not a part of a country: there is no ${country}.`
  },
}
