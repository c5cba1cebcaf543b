/** Expression constraints of SNOMED CT without refinements: https://confluence.ihtsdotools.org/display/DOCECL */
import type { Absent, Composition, Part } from './composition.ts'
import type { ConceptFilter } from './concept-source.ts'
import type { MissingSystem, System } from './system.ts'

const operators: readonly (readonly [symbol: string, op: string, property: string])[] = [
  ['<<', 'is-a', 'concept'],
  ['<!', '=', 'parent'],
  ['<', 'descendent-of', 'concept'],
  ['>>', 'generalizes', 'concept'],
  ['>!', '=', 'child'],
  ['>', 'generalizes', 'concept'],
  ['^', '=', 'refset'],
]

class Wrong extends Error {}

const deepest = 20

/** The value set that an expression constraint means, or what is not understood in it. */
export const readEcl = (url: string, system: System | MissingSystem, text: string): Composition | Absent => {
  let at = 0
  const gap = (): void => {
    at += /^(?:\s|\/\*[\s\S]*?\*\/)*/.exec(text.slice(at))![0].length
  }
  const word = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(text.slice(at))?.[0]
    if (found === undefined) return undefined
    at += found.length
    gap()
    return found
  }
  const whole = (include: readonly Part[], exclude: readonly Part[] = []): Composition => ({
    kind: 'composition',
    url,
    include,
    exclude,
  })
  const filtered = (filter: ConceptFilter): Part => ({ system, filters: [filter], valueSets: [] })
  const nested = (inner: Composition): Part => ({ filters: [], valueSets: [inner] })

  const simple = (depth: number): Composition => {
    if (depth > deepest) throw new Wrong('it is nested too deeply')
    if (word(/^\(/)) {
      const inner = compound(depth + 1)
      if (!word(/^\)/)) throw new Wrong(`a parenthesis is not closed before character ${at + 1}`)
      return inner
    }
    const operator = operators.find(([symbol]) => text.startsWith(symbol, at))
    if (operator) {
      at += operator[0].length
      gap()
    }
    if (word(/^\*/)) return whole([{ system, filters: [], valueSets: [] }])
    const code = word(/^[0-9]{6,18}/)
    if (code === undefined) throw new Wrong(`a concept is missing at character ${at + 1}`)
    word(/^\|[^|]*\|/)
    const [, op, property] = operator ?? ['', '=', 'concept']
    const found = { property, op, value: code }
    // Only > has no operator of value sets: all above without the concept.
    const self = { property: 'concept', op: '=', value: code }
    if (operator?.[0] === '>') return whole([filtered(found)], [filtered(self)])
    return whole([filtered(found)])
  }
  const compound = (depth: number): Composition => {
    let left = simple(depth)
    let joined: string | undefined
    for (;;) {
      const join = word(/^(AND|OR|MINUS|,)(?![A-Za-z])/i)
        ?.toUpperCase()
        .replace(',', 'AND')
      if (join === undefined) return left
      if (joined !== undefined && (joined !== join || join === 'MINUS'))
        throw new Wrong('different operators need parentheses')
      joined = join
      const right = simple(depth)
      if (join === 'AND') left = whole([{ filters: [], valueSets: [left, right] }])
      else if (join === 'OR') left = whole([nested(left), nested(right)])
      else left = whole([nested(left)], [nested(right)])
    }
  }
  try {
    gap()
    const found = compound(0)
    if (at < text.length)
      throw new Wrong(
        `"${text.slice(at, at + 20)}" is not understood; this server knows <, <<, >, >>, <!, >!, ^, *, AND, OR and MINUS`,
      )
    return found
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    return {
      kind: 'absent',
      url,
      code: 'invalid',
      reason: `The expression constraint is wrong: ${error.message}.`,
    }
  }
}
