/** The first tokens of a resource stand in fixed places, so that an index and a link need not look through all of them. */

/*
 * `tokens[1]` is the number of presence.ts; then come two codes, the patient and the encounter. What stands in the place
 * of an absent one, or of several, is a small negative number instead of a hash, a different one in each place. Stored:
 * never change what stands where without building the index rows anew. See decision 0019.
 */

type Place = { readonly at: number; readonly absent: number; readonly several: number }

/** Places as Postgres counts them. */
const places = {
  code: { at: 2, absent: -1, several: -5 },
  second: { at: 3, absent: -2, several: -2 },
  patient: { at: 4, absent: -3, several: -6 },
  encounter: { at: 5, absent: -4, several: -7 },
} as const satisfies Record<string, Place>

/** A token whose hash is the number itself. */
const numeral = (n: number): string => `present|${n}`

const afterPatient = /^patient\|Patient\/[A-Za-z0-9\-.]{1,64}$/
const afterEncounter = /^encounter\|Encounter\/[A-Za-z0-9\-.]{1,64}$/

/** Whether it is a code with its system (or without one), of the parameter that says what a resource of the type is about. */
export const isLeadingCode = (type: string, token: string): boolean =>
  token.startsWith(type) &&
  token[type.length] === '.' &&
  (isCodeOf(token, 'code|', type.length + 1) || isCodeOf(token, 'vaccine-code|', type.length + 1))

const isCodeOf = (token: string, name: string, start: number): boolean => {
  if (!token.startsWith(name, start)) return false
  const bar = token.lastIndexOf('|')
  return bar >= start + name.length && bar < token.length - 1 && !token.includes('\\', start)
}

/** Presence, then what has a place, then the others, each once. */
export const leading = (type: string, presence: string, tokens: readonly string[]): string[] => {
  const codes: string[] = []
  const patients: string[] = []
  const encounters: string[] = []
  const start = type.length + 1
  const all = new Set(tokens)
  for (const token of all) {
    // Most are told apart by one letter.
    const letter = token.charCodeAt(start)
    if (letter === 99 || letter === 118) {
      if (isLeadingCode(type, token)) codes.push(token)
    } else if (letter === 112) {
      if (token.startsWith('patient|Patient/', start) && afterPatient.test(token.slice(start)))
        patients.push(token)
    } else if (letter === 101) {
      if (token.startsWith('encounter|Encounter/', start) && afterEncounter.test(token.slice(start)))
        encounters.push(token)
    }
  }
  const [code, second] = codes.length <= 2 ? codes : [numeral(places.code.several)]
  const first = [
    presence,
    code ?? numeral(places.code.absent),
    second ?? numeral(places.second.absent),
    only(patients, places.patient),
    only(encounters, places.encounter),
  ]
  for (const token of first) all.delete(token)
  for (const token of all) first.push(token)
  return first
}

const only = ([first, ...others]: readonly string[], { absent, several }: Place): string =>
  others.length > 0 ? numeral(several) : (first ?? numeral(absent))

/** Where the token of a reference stands that begins with this, and what stands there when a resource has several. */
export const placeOf = (prefix: string): Place | undefined => {
  if (prefix.endsWith('.patient|Patient/')) return places.patient
  return prefix.endsWith('.encounter|Encounter/') ? places.encounter : undefined
}

/** What stands in the place of the code when a resource has more than two. */
export const severalCodes = places.code.several
