/** The form of a table of names. Frequent names come first: they are drawn by Zipf's law. */

export type NameTable = {
  /** BCP 47: http://hl7.org/fhir/R4/valueset-languages.html */
  readonly language: string
  readonly display: string
  /** Share of the patients, relative to the other tables. */
  readonly weight: number
  /** In the order in which people say it. */
  readonly order: 'given first' | 'family first'
  /** Script of the part after `|`: alphabetic, ideographic, syllabic: https://hl7.org/fhir/R4/extension-iso21090-en-representation.html */
  readonly script?: 'ABC' | 'IDE' | 'SYL'
  /** Words separated by blanks; `Latin|native`, and `male/female` for family names that differ by sex. */
  readonly female: string
  readonly male: string
  readonly family: string
}
