/** Logical ids that the same seed gives again, so that a second run updates instead of adding: http://hl7.org/fhir/R4/datatypes.html#id */
import { createRandom } from './random.ts'

const firstId = Date.UTC(2026, 0, 1)

/**
 * Ids of one patient's resources: UUID version 7, the time part counting patients and the next 12 bits the resources of
 * one patient, so that a load fills the indexes of a database from left to right as a live system would.
 */
export const createIds = (seed: number, index: number): (() => string) => {
  const time = (firstId + index).toString(16).padStart(12, '0')
  const random = createRandom(seed).fork(`ids ${index}`)
  const head = `${time.slice(0, 8)}-${time.slice(8)}-7`
  let count = 0
  return () => {
    const n = count++
    // Beyond 4,096 resources the counter repeats; the random part keeps the ids apart.
    const counter = (n & 0xfff).toString(16).padStart(3, '0')
    const high = random.bits().toString(16).padStart(8, '0')
    const low = random.bits().toString(16).padStart(8, '0')
    return `${head}${counter}-a${high.slice(0, 3)}-${high.slice(3, 7)}${low}`
  }
}
