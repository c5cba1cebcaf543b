/** Plans when a patient comes to the hospital and why, before any of it is written down. */
import { type AcuteCondition, acuteConditions } from './acute-conditions.ts'
import type { Hospital } from './hospital.ts'
import type { Person } from './person.ts'
import type { Problem } from './problems.ts'
import type { Random } from './random.ts'
import { ageAt, atHour, day, hour, minute, type Time, workingDay, year } from './time.ts'

export type VisitKind = 'wellness' | 'follow-up' | 'video' | 'illness' | 'emergency' | 'inpatient'

export type Visit = {
  readonly kind: VisitKind
  readonly start: Time
  /** Absent while the patient is still here. */
  readonly end?: Time
  /** What brings the patient in. */
  readonly acute?: AcuteCondition
  readonly problem?: Problem
  /** The patient dies during this stay. */
  readonly fatal?: true
}

/** Well-child visits in months: https://www.aap.org/periodicityschedule */
const childMonths = [0.5, 1, 2, 4, 6, 9, 12, 15, 18, 24, 30]

/** How many years the hospital has known the patient; a few have been coming all their life. */
const drawStart = (person: Person, end: Time, random: Random): Time => {
  const years = 1.5 + 4.5 * random.next() * random.next() + (random.chance(0.08) ? 6 : 0)
  return Math.max(person.birth, end - years * year)
}

/** Never at night; on a working day. */
const inOfficeHours = (at: Time, random: Random): Time => atHour(workingDay(at), 8 + random.int(0, 31) * 0.25)

const short = (kind: VisitKind, at: Time, random: Random, about: Partial<Visit> = {}): Visit => {
  const start = inOfficeHours(at, random)
  return { kind, start, end: start + random.int(2, 6) * 10 * minute, ...about }
}

function* wellness(person: Person, from: Time, to: Time, random: Random): Generator<Visit> {
  for (const months of childMonths) {
    const at = person.birth + (months / 12) * year
    if (at >= from && at < to) yield short('wellness', at, random)
  }
  let age = Math.max(3, ageAt(person.birth, from) + 1)
  for (;;) {
    const at = person.birth + (age + random.between(0, 0.2)) * year
    if (at >= to) return
    yield short('wellness', at, random)
    age += age < 18 || age > 55 ? 1 : random.int(1, 3)
  }
}

function* followUps(
  person: Person,
  problems: readonly Problem[],
  from: Time,
  to: Time,
  random: Random,
): Generator<Visit> {
  for (const problem of problems) {
    if (problem.onset >= from && problem.onset < to)
      yield short('follow-up', problem.onset + 3 * day, random, { problem })
  }
  let at = from
  for (;;) {
    const known = problems.filter((p) => p.onset < at && p.condition.medicines.length > 0)
    const yearly = Math.min(8, 0.3 * known.length * (0.6 + 0.4 * person.burden))
    at += yearly < 0.3 ? 0.5 * year : (year / yearly) * random.between(0.75, 1.25)
    if (at >= to) return
    if (yearly >= 0.3)
      yield short(random.chance(0.14) ? 'video' : 'follow-up', at, random, { problem: random.pick(known) })
  }
}

const suits = (condition: AcuteCondition, person: Person, at: Time): boolean => {
  const age = ageAt(person.birth, at)
  return (
    age >= condition.ages[0] &&
    age <= condition.ages[1] &&
    (condition.sex === undefined || condition.sex === person.sex)
  )
}

const isStay = (condition: AcuteCondition): boolean =>
  condition.place !== 'clinic' && condition.place !== 'emergency'

function* illnesses(person: Person, from: Time, to: Time, random: Random): Generator<Visit> {
  const yearly = (person.age < 12 ? 1 : 0.45) * (0.7 + 0.3 * Math.min(person.burden, 5))
  for (let n = random.count((yearly * (to - from)) / year); n > 0; n--) {
    const at = random.between(from, to)
    const acute = random.weighted(acuteConditions.filter((c) => !isStay(c) && suits(c, person, at)))
    if (acute.place === 'clinic') {
      yield short('illness', at, random, { acute })
    } else {
      const start = Math.floor(at / minute) * minute
      yield { kind: 'emergency', start, end: start + random.int(8, 50) * 10 * minute, acute }
    }
  }
}

function* stays(
  person: Person,
  problems: readonly Problem[],
  from: Time,
  to: Time,
  random: Random,
): Generator<Visit> {
  const yearly = (0.02 + 0.018 * problems.length * (person.age / 70)) * Math.min(person.burden, 7)
  for (let n = Math.min(16, random.count((yearly * (to - from)) / year)); n > 0; n--) {
    const at = random.between(from, to)
    yield* stay(person, problems, at, random.int(1, 7) + (random.chance(0.1) ? 9 : 0), to, random)
  }
}

function* stay(
  person: Person,
  problems: readonly Problem[],
  at: Time,
  days: number,
  to: Time,
  random: Random,
): Generator<Visit> {
  const start = Math.floor(at / minute) * minute
  const end = atHour(start + days * day, random.int(9, 16))
  if (end >= to) return
  const worse = problems.filter((p) => p.condition.ward !== undefined && p.onset < at)
  if (worse.length > 0 && random.chance(0.55)) {
    yield { kind: 'inpatient', start, end, problem: random.pick(worse) }
    return
  }
  const choices = acuteConditions.filter((c) => isStay(c) && suits(c, person, at))
  if (choices.length > 0) yield { kind: 'inpatient', start, end, acute: random.weighted(choices) }
}

/** Why someone lies in a bed of this ward. */
const currentStay = (person: Person, problems: readonly Problem[], now: Time, random: Random): Visit[] => {
  const ward = person.bed?.ward
  if (ward === undefined) return []
  const start = Math.floor((now - random.between(0.2, 6) * day) / minute) * minute
  const acute = acuteConditions.filter((c) => c.place === ward.specialty && suits(c, person, start))
  const worse = problems.filter((p) => p.condition.ward === ward.specialty && p.onset < start)
  if (worse.length > 0 && (acute.length === 0 || random.chance(0.5))) {
    return [{ kind: 'inpatient', start, problem: random.pick(worse) }]
  }
  return [{ kind: 'inpatient', start, acute: random.weighted(acute) }]
}

const lastStay = (person: Person, problems: readonly Problem[], random: Random): Visit[] => {
  if (person.died === undefined || random.chance(0.4)) return []
  const start = Math.max(person.birth + hour, person.died - random.between(0.3, 9) * day)
  const worse = problems.filter((p) => p.onset < start)
  const acute = acuteConditions.filter(
    (c) => c.place !== 'clinic' && c.place !== 'obstetrics' && suits(c, person, start),
  )
  const reason =
    worse.length > 0
      ? { problem: random.pick(worse) }
      : acute.length > 0
        ? { acute: random.weighted(acute) }
        : {}
  return [
    {
      kind: 'inpatient',
      start: Math.floor(start / minute) * minute,
      end: person.died,
      fatal: true,
      ...reason,
    },
  ]
}

/** Whether a visit fits before another: it has ended, and what must not come again so soon does not. */
const fits = (earlier: Visit, later: Visit): boolean => {
  if (earlier.end === undefined || earlier.end > later.start) return false
  const rest = later.acute?.again
  return (
    rest === undefined ||
    earlier.acute?.concept.text !== later.acute?.concept.text ||
    later.start - earlier.start > rest * day
  )
}

/** Nobody is in two places, and nobody loses the appendix twice: visits that do not fit are dropped. */
const oneAtATime = (visits: Visit[], last: readonly Visit[]): Visit[] => {
  const kept: Visit[] = []
  for (const visit of visits.sort((a, b) => a.start - b.start)) {
    if (last.every((l) => fits(visit, l)) && kept.every((k) => fits(k, visit))) kept.push(visit)
  }
  return [...kept, ...last]
}

/** In order of time, without overlap; the last one may still be going on. */
export const planVisits = (
  hospital: Hospital,
  person: Person,
  problems: readonly Problem[],
  random: Random,
): Visit[] => {
  const to = person.died ?? hospital.now
  const from = drawStart(person, to, random)
  const last = [...currentStay(person, problems, hospital.now, random), ...lastStay(person, problems, random)]
  const visits = [
    ...wellness(person, from, to, random),
    ...followUps(person, problems, from, to, random),
    ...illnesses(person, from, to, random),
    ...stays(person, problems, from, to, random),
  ]
  return oneAtATime(
    visits.filter((v) => v.start >= from && v.end! < to),
    last,
  )
}
