/** Units of measure in the base units of UCUM, so that 5400 mg equals 5.4 g: https://ucum.org/ucum */

/** A unit: a value `v` in it is `v * factor + offset` in base units; `dimension` is equal for units that compare. */
export type Unit = { readonly factor: number; readonly offset: number; readonly dimension: string }

type Dimension = Readonly<Record<string, number>>
type Term = { readonly factor: number; readonly dimension: Dimension }

const prefixes: Readonly<Record<string, number>> = {
  ...{
    Y: 1e24,
    Z: 1e21,
    E: 1e18,
    P: 1e15,
    T: 1e12,
    G: 1e9,
    M: 1e6,
    k: 1e3,
    h: 1e2,
    da: 1e1,
    d: 1e-1,
    c: 1e-2,
  },
  ...{ m: 1e-3, u: 1e-6, n: 1e-9, p: 1e-12, f: 1e-15, a: 1e-18, z: 1e-21, y: 1e-24 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
}

/** Units that take prefixes: a factor and the units that it counts. */
const metric: Readonly<Record<string, readonly [number, string]>> = {
  ...{ m: [1, ''], s: [1, ''], g: [1, ''], rad: [1, ''], K: [1, ''], C: [1, ''], cd: [1, ''] },
  ...{ mol: [6.0221367e23, '1'], eq: [1, 'mol'], osm: [1, 'mol'], kat: [1, 'mol/s'], U: [1, 'umol/min'] },
  ...{ sr: [1, 'rad2'], Hz: [1, 's-1'], N: [1, 'kg.m/s2'], Pa: [1, 'N/m2'], J: [1, 'N.m'], W: [1, 'J/s'] },
  ...{ A: [1, 'C/s'], V: [1, 'J/C'], F: [1, 'C/V'], Ohm: [1, 'V/A'], S: [1, 'Ohm-1'], Wb: [1, 'V.s'] },
  ...{
    T: [1, 'Wb/m2'],
    H: [1, 'Wb/A'],
    lm: [1, 'cd.sr'],
    lx: [1, 'lm/m2'],
    Bq: [1, 's-1'],
    Ci: [3.7e10, 'Bq'],
  },
  ...{ Gy: [1, 'J/kg'], Sv: [1, 'J/kg'], RAD: [100, 'erg/g'], REM: [1, 'RAD'], R: [2.58e-4, 'C/kg'] },
  ...{
    L: [1, 'dm3'],
    l: [1, 'dm3'],
    ar: [100, 'm2'],
    t: [1000, 'kg'],
    bar: [1e5, 'Pa'],
    u: [1.6605402e-24, 'g'],
  },
  ...{
    eV: [1.60217733e-19, 'J'],
    pc: [3.085678e16, 'm'],
    cal: [4.184, 'J'],
    erg: [1e-7, 'J'],
    dyn: [1e-5, 'N'],
  },
  ...{ P: [1, 'dyn.s/cm2'], St: [1, 'cm2/s'], 'm[Hg]': [133.322, 'kPa'], 'm[H2O]': [9.80665, 'kPa'] },
  ...{ bit: [1, ''], By: [8, 'bit'], Bd: [1, 's-1'], 'g%': [1, 'g/dl'], st: [1, 'm3'], '[iU]': [1, ''] },
  ...{ '[IU]': [1, '[iU]'], "[arb'U]": [1, ''], "[USP'U]": [1, ''], kp: [1, ''] },
}

/** Units that do not. */
const plain: Readonly<Record<string, readonly [number, string]>> = {
  ...{ min: [60, 's'], h: [3600, 's'], d: [86_400, 's'], wk: [7, 'd'], a: [365.25, 'd'], a_j: [365.25, 'd'] },
  ...{ a_g: [365.2425, 'd'], a_t: [365.24219, 'd'], mo: [365.25 / 12, 'd'], mo_j: [365.25 / 12, 'd'] },
  ...{ mo_s: [29.53059, 'd'], mo_g: [365.2425 / 12, 'd'], '%': [0.01, '1'], '[pi]': [Math.PI, '1'] },
  ...{
    '[ppth]': [1e-3, '1'],
    '[ppm]': [1e-6, '1'],
    '[ppb]': [1e-9, '1'],
    '[pptr]': [1e-12, '1'],
    '10*': [10, '1'],
  },
  ...{ '10^': [10, '1'], deg: [Math.PI / 180, 'rad'], "'": [1 / 60, 'deg'], "''": [1 / 3600, 'deg'] },
  ...{
    '[in_i]': [2.54, 'cm'],
    '[ft_i]': [12, '[in_i]'],
    '[yd_i]': [3, '[ft_i]'],
    '[mi_i]': [5280, '[ft_i]'],
  },
  ...{
    '[nmi_i]': [1852, 'm'],
    '[kn_i]': [1, '[nmi_i]/h'],
    '[sin_i]': [1, '[in_i]2'],
    '[sft_i]': [1, '[ft_i]2'],
  },
  ...{
    '[cin_i]': [1, '[in_i]3'],
    '[cft_i]': [1, '[ft_i]3'],
    '[gr]': [64.79891, 'mg'],
    '[lb_av]': [7000, '[gr]'],
  },
  ...{ '[oz_av]': [437.5, '[gr]'], '[dr_av]': [437.5 / 16, '[gr]'], '[stone_av]': [14, '[lb_av]'] },
  ...{ '[scwt_av]': [100, '[lb_av]'], '[ston_av]': [2000, '[lb_av]'], '[oz_tr]': [480, '[gr]'] },
  ...{ '[lb_tr]': [5760, '[gr]'], '[oz_ap]': [480, '[gr]'], '[lbf_av]': [9.80665, '[lb_av].m/s2'] },
  ...{ '[psi]': [1, '[lbf_av]/[in_i]2'], "[in_i'Hg]": [0.0254, 'm[Hg]'], "[in_i'H2O]": [0.0254, 'm[H2O]'] },
  ...{ '[gal_us]': [231, '[in_i]3'], '[qt_us]': [231 / 4, '[in_i]3'], '[pt_us]': [231 / 8, '[in_i]3'] },
  ...{
    '[gil_us]': [231 / 32, '[in_i]3'],
    '[cup_us]': [231 / 16, '[in_i]3'],
    '[foz_us]': [231 / 128, '[in_i]3'],
  },
  ...{ '[tbs_us]': [231 / 256, '[in_i]3'], '[tsp_us]': [231 / 768, '[in_i]3'], '[cup_m]': [240, 'ml'] },
  ...{
    '[foz_m]': [30, 'ml'],
    '[tbs_m]': [15, 'ml'],
    '[tsp_m]': [5, 'ml'],
    '[drp]': [0.05, 'ml'],
    atm: [101_325, 'Pa'],
  },
  ...{
    '[Ch]': [1 / 3, 'mm'],
    '[Cal]': [1, 'kcal'],
    '[diop]': [1, '/m'],
    '[MET]': [3.5, 'mL/min/kg'],
    Ao: [0.1, 'nm'],
  },
  ...{
    '[HPF]': [1, ''],
    '[LPF]': [1, ''],
    "[hnsf'U]": [1, ''],
    "[knk'U]": [1, ''],
    "[GPL'U]": [1, ''],
    "[MPL'U]": [1, ''],
  },
  ...{
    "[APL'U]": [1, ''],
    "[beth'U]": [1, ''],
    "[todd'U]": [1, ''],
    "[dye'U]": [1, ''],
    "[bdsk'U]": [1, ''],
  },
  ...{
    "[ka'U]": [1, ''],
    "[tb'U]": [1, ''],
    '[CCID_50]': [1, ''],
    '[CFU]': [1, ''],
    '[PFU]': [1, ''],
    '[FFU]': [1, ''],
  },
  ...{
    "[mclg'U]": [1, ''],
    "[smgy'U]": [1, ''],
    '[AU]': [1, ''],
    '[BAU]': [1, ''],
    '[EU]': [1, ''],
    '[Lf]': [1, ''],
  },
}

/** Scales whose zero is elsewhere; they occur alone only. */
const scales: Readonly<Record<string, Unit>> = {
  Cel: { factor: 1, offset: 273.15, dimension: 'K' },
  '[degF]': { factor: 5 / 9, offset: (459.67 * 5) / 9, dimension: 'K' },
}

const one: Term = { factor: 1, dimension: {} }

const times = (a: Term, b: Term, power: number): Term => {
  const dimension: Record<string, number> = { ...a.dimension }
  for (const [base, exponent] of Object.entries(b.dimension))
    dimension[base] = (dimension[base] ?? 0) + exponent * power
  return { factor: a.factor * b.factor ** power, dimension }
}

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

const resolve = (symbol: string, [factor, of]: readonly [number, string]): Term | undefined => {
  if (of === '') return { factor, dimension: { [symbol]: 1 } }
  const inner = readTerm(of)
  return inner && { ...inner, factor: inner.factor * factor }
}

const atom = (symbol: string): Term | undefined => {
  if (/^\d+$/.test(symbol)) return { factor: Number(symbol), dimension: {} }
  const whole = own(metric, symbol) ?? own(plain, symbol)
  if (whole) return resolve(symbol, whole)
  for (const length of [1, 2]) {
    const prefix = own(prefixes, symbol.slice(0, length))
    const unit = own(metric, symbol.slice(length))
    if (prefix === undefined || !unit) continue
    const found = resolve(symbol.slice(length), unit)
    return found && { ...found, factor: found.factor * prefix }
  }
  return undefined
}

/** `10*3`, `m2`, `[in_i]3`, `s-1`: a symbol and its exponent. */
const component = (text: string): Term | undefined => {
  const bare = text.replace(/\{[^{}]*\}/g, '')
  if (bare === '') return text === '' ? undefined : one
  if (own(plain, bare) ?? own(metric, bare)) return atom(bare)
  const [, symbol = '', exponent] = /^(.*?)([+-]?\d{1,2})?$/.exec(bare) ?? []
  if (symbol === '') return atom(bare)
  const found = atom(symbol)
  return found && times(one, found, Number(exponent ?? 1))
}

/** A term with `.`, `/` and parentheses, read from the left; undefined for what is not known. */
const readTerm = (text: string): Term | undefined => {
  let at = 0
  const term = (): Term | undefined => {
    let product: Term | undefined = one
    let power = text[at] === '/' ? -1 : 1
    if (power === -1) at++
    for (;;) {
      const next = factor()
      if (!next || !product) return undefined
      product = times(product, next, power)
      if (text[at] !== '.' && text[at] !== '/') return product
      power = text[at++] === '/' ? -1 : 1
    }
  }
  const factor = (): Term | undefined => {
    if (text[at] === '(') {
      at++
      const inner = term()
      return text[at++] === ')' ? inner : undefined
    }
    const found = /^(?:\[[^\]]*\]|\{[^{}]*\}|[^.()/{}[\]])+/.exec(text.slice(at))
    if (!found) return undefined
    at += found[0].length
    return component(found[0])
  }
  const found = term()
  return at === text.length ? found : undefined
}

const known = new Map<string, Unit | undefined>()

/** A UCUM code in base units, undefined when this table does not know it: it is then compared by its code. */
export const readUnit = (code: string): Unit | undefined => {
  if (known.has(code)) return known.get(code)
  if (known.size >= 10_000) known.clear()
  const unit = code.length > 100 ? undefined : (own(scales, code) ?? unitOf(code))
  known.set(code, unit)
  return unit
}

const unitOf = (code: string): Unit | undefined => {
  const found = readTerm(code)
  if (!found || !Number.isFinite(found.factor) || found.factor === 0) return undefined
  const dimension = Object.entries(found.dimension)
    .filter(([, exponent]) => exponent !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([base, exponent]) => base + (exponent === 1 ? '' : exponent))
    .join('.')
  return { factor: found.factor, offset: 0, dimension: dimension === '' ? '1' : dimension }
}

/** Values that were converted lately: measurements repeat, and rounding them goes through a text. */
const converted = new Map<Unit, Map<number, number>>()
const mostConverted = 20_000
let size = 0

/** A value in base units, to twelve digits: what was converted on different ways must compare as equal. */
export const inBase = (unit: Unit, value: number): number => {
  const ofUnit = converted.get(unit) ?? new Map<number, number>()
  const known = ofUnit.get(value)
  if (known !== undefined) return known
  if (size >= mostConverted) {
    converted.clear()
    ofUnit.clear()
    size = 0
  }
  const base = value * unit.factor + unit.offset
  const made = Number.isFinite(base) ? Number(base.toPrecision(12)) : value
  converted.set(unit, ofUnit.set(value, made))
  size++
  return made
}
