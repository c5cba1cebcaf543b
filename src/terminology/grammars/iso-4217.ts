/** Currencies: https://www.iso.org/iso-4217-currency-codes.html */
import { createRequire } from 'node:module'
import { flatSystem } from '../memory-system.ts'
import type { MemorySystem } from '../system.ts'
import { bare } from './bare.ts'

const require = createRequire(import.meta.url)

type Row = { readonly code: string; readonly currency: string }

let made: MemorySystem | undefined

/** Made when it is asked for the first time. */
export const currencies = (): MemorySystem => {
  if (made) return made
  const rows: readonly Row[] = require('currency-codes/data')
  const concepts = rows.map(({ code, currency }) => bare(code, currency))
  made = flatSystem({ url: 'urn:iso:std:iso:4217', name: 'ISO 4217', concepts })
  return made
}
