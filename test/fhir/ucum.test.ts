/** Our small table of units agrees with the reference implementation that the FHIRPath engine brings along. */
import { createRequire } from 'node:module'
import t from 'tap'
import { inBase, readUnit } from '../../src/fhir/ucum.ts'

const codes = [
  ...[
    'mg',
    'g',
    'kg',
    'ug',
    'ng',
    'mL',
    'L',
    'dL',
    'uL',
    'fL',
    'pg',
    'mm',
    'cm',
    'm',
    'km',
    'cm2',
    'm2',
    'mm3',
  ],
  ...[
    'mg/dL',
    'g/dL',
    'g/L',
    'mmol/L',
    'umol/L',
    'nmol/L',
    'meq/L',
    'mosm/kg',
    'U/L',
    'kat/L',
    '10*3/uL',
    '10*9/L',
  ],
  ...[
    '/min',
    '1/min',
    'min',
    'h',
    'd',
    'wk',
    'mo',
    'a',
    's',
    'ms',
    '%',
    '{score}',
    '1',
    'kg/m2',
    'mL/min',
    'mm[Hg]',
  ],
  ...[
    'cm[H2O]',
    'kPa',
    'bar',
    'atm',
    'kcal',
    'kJ',
    'J',
    'W',
    'V',
    'mV',
    'mA',
    'Hz',
    'Bq',
    'Gy',
    'mSv',
    'deg',
    'lm',
  ],
  ...[
    '[in_i]',
    '[ft_i]',
    '[lb_av]',
    '[oz_av]',
    '[gal_us]',
    '[foz_us]',
    '[tsp_us]',
    '[tbs_us]',
    '[cup_us]',
    '[psi]',
  ],
  ...[
    'mL/min/{1.73_m2}',
    'ug/kg/min',
    'mg/kg/d',
    'mg/(24.h)',
    '{beats}/min',
    'ng/mL',
    'pg/mL',
    '[ppm]',
    'N',
    'Pa.s',
  ],
  ...[
    '[qt_us]',
    '[pt_us]',
    '[mi_i]',
    '[yd_i]',
    '[gr]',
    'l',
    'dl',
    'ml',
    'nm',
    'mg/g',
    'mmol/mol',
    'dyn.s/cm5',
    'Ohm',
  ],
]

t.test('factors', async (t) => {
  const require = createRequire(import.meta.resolve('fhirpath'))
  const { UcumLhcUtils } = require('@lhncbc/ucum-lhc')
  const reference = UcumLhcUtils.getInstance()
  for (const code of codes) {
    const { unit } = reference.getSpecifiedUnit(code, 'validate')
    t.ok(unit, `${code} is a unit`)
    const ours = readUnit(code)
    const factor = ours?.factor ?? 0
    t.ok(Math.abs(factor / unit.magnitude_ - 1) < 1e-6, `${code}: ${factor} is ${unit.magnitude_}`)
  }
})

t.test('units that compare have the same dimension', async (t) => {
  const same = (a: string, b: string) => readUnit(a)?.dimension === readUnit(b)?.dimension
  t.ok(same('mg', 'kg'))
  t.ok(same('mg/dL', 'g/L'))
  t.ok(same('mm[Hg]', 'kPa'))
  t.ok(same('Cel', '[degF]'))
  t.notOk(same('mg', 'mL'))
  t.notOk(same('[iU]/L', 'U/L'))
})

t.test('values on different ways are equal', async (t) => {
  const base = (code: string, value: number) => inBase(readUnit(code)!, value)
  t.equal(base('mg', 5400), base('g', 5.4))
  t.equal(base('[degF]', 98.6), base('Cel', 37))
  t.equal(base('mmol/L', 5.5), base('umol/L', 5500))
  t.equal(base('[lb_av]', 1), base('g', 453.59237))
})

t.test('what is no unit is not read', async (t) => {
  for (const code of [
    '',
    'mgg',
    'm/',
    '(m',
    'm)',
    '__proto__',
    'constructor',
    'x'.repeat(200),
    '/',
    'm//s',
    '[nothing]',
  ])
    t.equal(readUnit(code), undefined, code)
})
