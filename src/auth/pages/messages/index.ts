/** Languages of the pages and mails, and which of them a browser wants: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4 */
import { de } from './de.ts'
import { en, type Messages } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export type { Messages } from './en.ts'

const tables: Readonly<Record<string, Messages>> = { en, de, es, fr }

/** The languages that there are, by tag. */
export const languages: readonly string[] = Object.keys(tables)

export const messagesOf = (language: string): Messages => tables[language] ?? en

/** The language of ours that the `Accept-Language` header likes most; English when it likes none. */
export const languageOf = (header: string | undefined): string => {
  let best = 'en'
  let most = 0
  for (const range of (header ?? '').slice(0, 1000).split(',')) {
    const [tag = '', quality = 'q=1'] = range.trim().split(';')
    const primary = tag.trim().toLowerCase().split('-')[0] ?? ''
    const weight = Number(/^\s*q=([\d.]+)$/.exec(quality)?.[1] ?? 0)
    if (weight > most && Object.hasOwn(tables, primary)) {
      best = primary
      most = weight
    }
  }
  return best
}

/** Puts values into the `{…}` of a text. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )
