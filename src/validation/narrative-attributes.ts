/** The attributes of narratives, and what their values may refer to: http://hl7.org/fhir/R4/narrative.html#rules */

/** Those of chapters 7 to 11 and 15 of HTML 4.0 that are not about events, as txt-1 lists them. */
const everywhere = new Set([
  ...['title', 'style', 'class', 'id', 'lang', 'xml:lang', 'xml:space', 'dir', 'accesskey', 'tabindex'],
  ...['span', 'width', 'align', 'valign', 'char', 'charoff', 'abbr', 'axis', 'headers', 'scope'],
  ...['rowspan', 'colspan'],
])

const owned: Readonly<Record<string, ReadonlySet<string>>> = {
  a: new Set(['href', 'name', 'hreflang', 'rel', 'rev', 'type', 'charset', 'shape', 'coords']),
  blockquote: new Set(['cite']),
  img: new Set(['src', 'alt', 'height', 'longdesc', 'border', 'ismap', 'usemap']),
  ol: new Set(['start', 'type']),
  ul: new Set(['type']),
  li: new Set(['value', 'type']),
  q: new Set(['cite']),
  table: new Set(['summary', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding', 'bgcolor']),
  td: new Set(['nowrap', 'height', 'bgcolor']),
  th: new Set(['nowrap', 'height', 'bgcolor']),
  tr: new Set(['bgcolor']),
}

const links = new Set(['href', 'src', 'cite', 'longdesc', 'usemap'])
/** Schemes that do nothing but name or fetch; a relative reference has none. */
const harmless = new Set(['http', 'https', 'mailto', 'tel', 'urn', 'ftp', 'cid'])
const image = /^data:image\/[a-z0-9.+-]+[;,]/

/** What is wrong with an attribute, to follow the expression of the div; `raw` is its value with its entities. */
export const attributeFault = (element: string, name: string, raw: string): string | undefined => {
  if (!everywhere.has(name) && !owned[element]?.has(name))
    return `has the attribute ${name.slice(0, 40)} on <${element.slice(0, 40)}>, which narratives must not have; leave it out.`
  if (links.has(name) && !isHarmlessLink(raw, name))
    return `has a link in ${name} that is not http, https, mailto, tel, urn, ftp, cid, relative or #; leave it out.`
  if (name === 'style' && !isHarmlessStyle(raw))
    return 'has a style that loads or runs something; keep colours, sizes and the like.'
  return undefined
}

/** As browsers read it: entities decoded, spaces and control characters dropped, without regard to case. */
const isHarmlessLink = (raw: string, name: string): boolean => {
  const link = decoded(raw)
    .replace(/[\x00-\x20\u007f-\u00a0]+/g, '')
    .toLowerCase()
  const scheme = /^([^/?#:]*):/.exec(link)?.[1]
  if (scheme === undefined || harmless.has(scheme)) return true
  return name === 'src' && image.test(link)
}

const decoded = (raw: string): string =>
  raw.replace(/&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));/g, (_, decimal?: string, hex?: string, named?: string) => {
    if (named !== undefined) return names[named] ?? ''
    const code = decimal === undefined ? Number.parseInt(hex ?? '0', 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : ''
  })

const names: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** Escapes and comments only serve to hide what stands here. What `url()` loads may be an image, as in `src`. */
const isHarmlessStyle = (raw: string): boolean => {
  if (!suspect.test(raw)) return true
  const style = decoded(raw).toLowerCase()
  if (/\\|\/\*|expression\s*\(|@import|behaviou?r\s*:|-moz-binding|javascript:/.test(style)) return false
  for (const [, link = ''] of style.matchAll(/url\s*\(\s*["']?([^)]*)/g))
    if (!isHarmlessLink(link.replaceAll('&', '&amp;'), 'src')) return false
  return true
}

/** A style without any of these can do no harm. */
const suspect = /[\\/&@(]|behavio|binding|script/i
