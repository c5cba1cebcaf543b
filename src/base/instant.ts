/** http://hl7.org/fhir/R4/datatypes.html#instant as the server writes it: UTC with milliseconds. */

let lastAt = Number.NaN
let lastText = ''

/** One request writes its time several times. `ms` since 1970. */
export const instant = (ms: number): string => {
  if (ms === lastAt) return lastText
  const text = new Date(ms).toISOString()
  lastAt = ms
  lastText = text
  return text
}
