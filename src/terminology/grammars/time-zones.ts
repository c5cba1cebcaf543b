/** Time zones by IANA's names: https://www.iana.org/time-zones */
import type { GrammarSystem } from '../system.ts'
import { bare } from './bare.ts'

const isZone = (code: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: code })
    // Offsets are understood too, but are no names.
    return /^[A-Za-z]/.test(code)
  } catch {
    return false
  }
}

export const timeZones: GrammarSystem = {
  kind: 'grammar',
  url: 'https://www.iana.org/time-zones',
  name: 'IANA time zones',
  find: (code) =>
    isZone(code) ? bare(code) : `"${code.slice(0, 100)}" is not a time zone such as Europe/Berlin.`,
}
