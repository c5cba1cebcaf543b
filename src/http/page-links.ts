/** Links of a Bundle that keep `_format` and `_pretty`, so that a page that they lead to looks like this one: http://hl7.org/fhir/R4/http.html#paging */
import { valueEnd } from '../fhir/json/scan.ts'
import { walkObject } from '../fhir/json/walk.ts'

const urlEnd = /("url":"[^"\\?]*)(\?[^"\\]*)?"/g

/** `text` is a Bundle in compact, valid JSON; `pair` is what its links get besides, encoded: `_format=xml&_pretty=true`. */
export const withPresentation = (text: string, pair: string): string => {
  let from = 0
  let to = 0
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    const end = valueEnd(text, valueAt)
    if (name !== 'link') return end
    from = valueAt
    to = end
    return -1
  })
  const links = text
    .slice(from, to)
    .replace(urlEnd, (_, path: string, query?: string) => `${path}${query ? `${query}&` : '?'}${pair}"`)
  return text.slice(0, from) + links + text.slice(to)
}
