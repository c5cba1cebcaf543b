/** What an e-mail address or a telephone number is found by besides the way it is written: http://hl7.org/fhir/R4/search.html#token */

/** Digits with what people put between them; `(0)` behind a country code is not dialled, and an extension may follow. */
const phone = /^(?:tel:)?(\+?)([\d ().\-/\u2010-\u2015]+?)(?: ?[,;]? ?(?:extension|ext\.?=?|x) ?(\d{1,8}))?$/i

/** More than these nobody dials (E.164 has 15), and fewer are no number that is written in different ways. */
const [fewest, most] = [3, 20]

/** `+49 (0)30 123-4567` → `+49301234567`; undefined for what is no telephone number. */
const phoneForm = (value: string): string | undefined => {
  // Single spaces leave the expression one way to go, however many of them somebody sends.
  const [, plus = '', body = '', extension] = phone.exec(value.trim().replace(/\s+/g, ' ')) ?? []
  const digits = (plus === '' ? body : body.replace(/^( ?\d{1,3} ?)\(0\)/, '$1')).replace(/\D/g, '')
  if (digits.length < fewest || digits.length > most) return undefined
  // 00 is dialled where + cannot be.
  const number = plus === '' && digits.startsWith('00') ? `+${digits.slice(2)}` : plus + digits
  return extension === undefined ? number : `${number}x${extension}`
}

/** Longer ones are neither. */
const longest = 320

/** The form that is the same for all ways to write it; the value itself where there is but one. */
export const contactForm = (value: string): string => {
  if (value.length > longest) return value
  if (value.includes('@')) return value.trim().toLowerCase()
  // A + that is not encoded arrives as a space.
  return phoneForm(/^ \d/.test(value) ? `+${value.slice(1)}` : value) ?? value
}
