/** Which of a concept's texts to show: http://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.concept.designation */
import type { Entry } from './enumerate.ts'
import type { Designation } from './system.ts'

/** `de` also stands for `de-CH`, and the other way round when there is nothing better. */
const speaks = (language: string | undefined, wanted: string): boolean => {
  if (language === undefined) return false
  const [has, asked] = [language.toLowerCase(), wanted.toLowerCase()]
  return has === asked || has.startsWith(`${asked}-`) || asked.startsWith(`${has}-`)
}

/** Those of the value set go before those of the system. */
export const designationsOf = ({
  listed,
  concept,
}: Pick<Entry, 'listed' | 'concept'>): readonly Designation[] => [
  ...(listed?.designations ?? []),
  ...(concept?.designations ?? []),
]

/** In the first of these languages that there is (`de, en;q=0.5`), else the display. */
export const displayOf = (
  entry: Pick<Entry, 'listed' | 'concept'>,
  languages: string | undefined,
): string | undefined => {
  for (const wanted of (languages ?? '').split(',').map((one) => one.split(';')[0]!.trim())) {
    if (wanted === '') continue
    const found = designationsOf(entry).find(({ language }) => speaks(language, wanted))
    if (found) return found.value
  }
  return entry.listed?.display ?? entry.concept?.display
}

/** Every text of the concept. */
export const textsOf = (entry: Pick<Entry, 'listed' | 'concept'>): readonly string[] =>
  [entry.listed?.display, entry.concept?.display, ...designationsOf(entry).map(({ value }) => value)].filter(
    (text) => text !== undefined,
  )

/** Those that are asked for by language (`de`), or by use (`system|code`); all when nothing is asked for. */
export const wantedDesignations = (
  all: readonly Designation[],
  wanted: readonly string[],
): readonly Designation[] =>
  wanted.length === 0
    ? all
    : all.filter((one) =>
        wanted.some(
          (token) =>
            speaks(one.language, token) ||
            token === `${one.use?.system ?? ''}|${one.use?.code ?? ''}` ||
            token === `urn:ietf:bcp:47|${one.language}`,
        ),
      )
