/** Draws names of people in several languages and scripts: http://hl7.org/fhir/R4/datatypes.html#HumanName */
import type { HumanName } from 'fhir/r4.js'
import { eastern } from './names/eastern.ts'
import type { NameTable } from './names/table.ts'
import { western } from './names/western.ts'
import type { Random } from './random.ts'

export type Sex = 'female' | 'male'

/** A name and the language that comes with it. `text` is the Latin form as it is said. */
export type Name = {
  readonly text: string
  readonly given: readonly string[]
  readonly family: string
  readonly native?: {
    readonly text: string
    readonly given: string
    readonly family: string
    readonly script: string
  }
  readonly language: string
  readonly languageDisplay: string
}

type Word = { readonly latin: string; readonly native: string }
type Drawn = {
  readonly weight: number
  readonly table: NameTable
  female: Word[]
  male: Word[]
  family: Record<Sex, Word[]>
}

const words = (text: string): Word[] =>
  text.split(' ').map((word) => {
    const [latin = '', native = latin] = word.split('|')
    return { latin, native }
  })

const oneSex = (list: Word[], side: 0 | 1): Word[] =>
  list.map(({ latin, native }) => ({ latin: form(latin, side), native: form(native, side) }))

const form = (text: string, side: 0 | 1): string => {
  const [male = '', female = male] = text.split('/')
  return side === 0 ? male : female
}

const tables: readonly Drawn[] = [...western, ...eastern].map((table) => {
  const family = words(table.family)
  return {
    weight: table.weight,
    table,
    female: words(table.female),
    male: words(table.male),
    family: { male: oneSex(family, 0), female: oneSex(family, 1) },
  }
})

const said = (order: NameTable['order'], given: string, family: string, gap = ' '): string =>
  order === 'family first' ? `${family}${gap}${given}` : `${given}${gap}${family}`

/** A name for a person of this sex; with `kin`, one in that person's language with the same family name. */
export const drawName = (random: Random, sex: Sex, kin?: Name): Name => {
  const drawn = tables.find((t) => t.table.language === kin?.language) ?? random.weighted(tables)
  const { table } = drawn
  const first = random.zipf(drawn[sex])
  const family = random.zipf(drawn.family[sex])
  const shared = kin === undefined ? family : { latin: kin.family, native: kin.native?.family ?? kin.family }
  const given = [first.latin]
  if (table.script === undefined && table.order === 'given first' && random.chance(0.45)) {
    const second = random.zipf(drawn[sex]).latin
    if (second !== first.latin) given.push(second)
  }
  const name = {
    text: said(table.order, given.join(' '), shared.latin),
    given,
    family: shared.latin,
    language: table.language,
    languageDisplay: table.display,
  }
  if (table.script === undefined) return name
  const text = said(table.order, first.native, shared.native, table.script === 'ABC' ? ' ' : '')
  return { ...name, native: { text, given: first.native, family: shared.native, script: table.script } }
}

/** As FHIR wants it: the Latin form is official, the one in the person's own script is usual. */
export const toHumanNames = (name: Name, prefix?: string): HumanName[] => {
  const official: HumanName = {
    use: 'official',
    text: prefix === undefined ? name.text : `${prefix} ${name.text}`,
    family: name.family,
    given: [...name.given],
    ...(prefix === undefined ? {} : { prefix: [prefix] }),
  }
  if (name.native === undefined) return [official]
  const { text, given, family, script } = name.native
  const extension = [
    { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: script },
  ]
  return [official, { extension, use: 'usual', text, family, given: [given] }]
}
