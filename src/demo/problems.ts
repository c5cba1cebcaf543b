/** Draws the chronic problems of a person: one makes another more likely. */
import { type ChronicCondition, chronicConditions } from './chronic-conditions.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'
import { type Time, year } from './time.ts'

export type Problem = { readonly condition: ChronicCondition; readonly onset: Time }

const chanceOf = (condition: ChronicCondition, person: Person, had: ReadonlySet<string>): number => {
  const [from, full] = condition.ages
  if (person.age <= from) return 0
  const reached = Math.min(1, (person.age - from) / (full - from))
  let chance = condition.peak * reached * (0.75 + 0.25 * Math.min(person.burden, 4))
  for (const [key, factor] of Object.entries(condition.after ?? {})) if (had.has(key)) chance *= factor
  return Math.min(chance, 0.85)
}

/** In the order of their onset. */
export const drawProblems = (person: Person, random: Random): Problem[] => {
  const had = new Set<string>()
  const problems: Problem[] = []
  const end = person.birth + person.age * year
  for (const condition of chronicConditions) {
    const drawn = random.next()
    const part = random.next()
    if (condition.sex !== undefined && condition.sex !== person.sex) continue
    if (drawn >= chanceOf(condition, person, had)) continue
    had.add(condition.key)
    const from = person.birth + condition.ages[0] * year
    // Squared, so that most began late: the older, the likelier.
    problems.push({ condition, onset: from + (1 - part * part) * (end - from) })
  }
  return problems.sort((a, b) => a.onset - b.onset)
}
