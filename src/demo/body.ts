/** A body that can be measured: values differ between people, drift a little, and follow diseases and medicines. */
import { analytes, type Effects } from './analytes.ts'
import type { Medicine } from './formulary.ts'
import type { Person } from './person.ts'
import type { Problem } from './problems.ts'
import type { Random } from './random.ts'
import { day, type Time, year } from './time.ts'

export type Body = {
  /** The value of an analyte or vital sign at a time; `extra` are the effects of what brings the patient in today. */
  measure(key: string, at: Time, noise: Random, extra?: Effects): number
  /** From now on the medicine has its effects. */
  takes(medicine: Medicine, since: Time, until: Time): void
}

/** Age in years → median, by sex where it matters; in between on a straight line. After the WHO and CDC growth charts. */
type Curve = readonly (readonly [number, number])[]

const height: Record<Person['sex'], Curve> = {
  female: [
    [0, 49],
    [0.5, 65.5],
    [1, 74],
    [2, 86],
    [4, 101],
    [6, 115],
    [8, 127],
    [10, 138],
    [12, 151],
    [14, 160.5],
    [17, 163],
    [60, 162],
    [90, 157],
  ],
  male: [
    [0, 50],
    [0.5, 67.5],
    [1, 75.5],
    [2, 87],
    [4, 102.5],
    [6, 115.5],
    [8, 128],
    [10, 138.5],
    [12, 149],
    [14, 163.5],
    [16, 173.5],
    [18, 176.5],
    [60, 175.5],
    [90, 170],
  ],
}
const bmi: Curve = [
  [0, 13.4],
  [0.5, 17.2],
  [1, 16.9],
  [2, 16.4],
  [5, 15.4],
  [8, 15.9],
  [12, 17.9],
  [16, 20.6],
  [20, 22.6],
  [35, 25],
  [60, 26.2],
  [80, 25],
  [99, 23.5],
]
const systolic: Curve = [
  [0, 75],
  [1, 86],
  [6, 97],
  [12, 108],
  [16, 115],
  [30, 117],
  [50, 122],
  [70, 130],
  [99, 136],
]
const diastolic: Curve = [
  [0, 45],
  [1, 50],
  [6, 60],
  [12, 65],
  [16, 70],
  [30, 74],
  [55, 78],
  [99, 74],
]
const heartRate: Curve = [
  [0, 140],
  [1, 122],
  [3, 105],
  [6, 92],
  [10, 82],
  [16, 74],
  [99, 73],
]
const respiration: Curve = [
  [0, 42],
  [1, 30],
  [3, 25],
  [6, 21],
  [12, 18],
  [18, 15.5],
  [99, 16],
]

const onCurve = (curve: Curve, x: number): number => {
  let [x0, y0] = curve[0]!
  for (const [x1, y1] of curve) {
    if (x < x1) return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
    ;[x0, y0] = [x1, y1]
  }
  return y0
}

type Scatter = {
  readonly mean: (age: number, sex: Person['sex']) => number
  readonly between: number
  readonly within: number
}

const vitals: { readonly [key: string]: Scatter } = {
  height: { mean: (age, sex) => onCurve(height[sex], age), between: 0.038, within: 0.0015 },
  bmi: { mean: (age) => onCurve(bmi, age), between: 0.1, within: 0.012 },
  systolic: { mean: (age) => onCurve(systolic, age), between: 0.06, within: 0.05 },
  diastolic: { mean: (age) => onCurve(diastolic, age), between: 0.06, within: 0.05 },
  heartRate: { mean: (age) => onCurve(heartRate, age), between: 0.09, within: 0.07 },
  respiration: { mean: (age) => onCurve(respiration, age), between: 0.06, within: 0.07 },
  temperature: { mean: () => 36.7, between: 0.004, within: 0.005 },
  oxygen: { mean: () => 97.8, between: 0.005, within: 0.006 },
}

const scatters: ReadonlyMap<string, Scatter> = new Map([
  ...Object.entries(vitals),
  ...Object.entries(analytes).map(([key, { mean, between, within }]): [string, Scatter] => [
    key,
    { mean: (_age, sex) => mean[sex === 'female' ? 0 : 1], between, within },
  ]),
])

export const createBody = (person: Person, problems: readonly Problem[], random: Random): Body => {
  const deviations = new Map<string, number>()
  const treatments: { effects: Effects; since: Time; until: Time }[] = []
  const constitution = random.fork('constitution')

  const deviation = (key: string): number => {
    const known = deviations.get(key)
    if (known !== undefined) return known
    const drawn = constitution.fork(key).normal()
    deviations.set(key, drawn)
    return drawn
  }

  const factor = (key: string, at: Time, extra?: Effects): number => {
    let f = extra?.[key] ?? 1
    for (const { condition, onset } of problems) {
      const effect = condition.effects?.[key]
      if (effect === undefined || at < onset) continue
      // A disease sets in over half a year; afterwards it grows by a twentieth of its effect each year.
      const years = (at - onset) / year
      f *= 1 + (effect - 1) * Math.min(1, years * 2) * (1 + 0.05 * Math.min(years, 10))
    }
    for (const { effects, since, until } of treatments) {
      if (at > since + 20 * day && at <= until) f *= effects[key] ?? 1
    }
    return f
  }

  return {
    measure: (key, at, noise, extra) => {
      const { mean, between, within } = scatters.get(key)!
      const usual = mean((at - person.birth) / year, person.sex) * (1 + between * deviation(key))
      return usual * factor(key, at, extra) * (1 + within * noise.normal())
    },
    takes: ({ effects }, since, until) => {
      if (effects !== undefined) treatments.push({ effects, since, until })
    },
  }
}
