/** UCUM's expressions, case sensitive: https://ucum.org/ucum#section-Syntax-Rules */
import { remembered } from '../../base/remembered.ts'
import type { Concept, GrammarSystem } from '../system.ts'
import { bare } from './bare.ts'
import { metricAtoms, plainAtoms, prefixes } from './ucum-symbols.ts'

const isSymbol = (symbol: string): boolean => {
  if (metricAtoms.has(symbol) || plainAtoms.has(symbol)) return true
  for (const length of [1, 2])
    if (prefixes.has(symbol.slice(0, length)) && metricAtoms.has(symbol.slice(length))) return true
  return false
}

/** What is wrong with an expression; undefined when it is right. */
const fault = (text: string): string | undefined => {
  let at = 0
  const term = (): string | undefined => {
    for (;;) {
      const wrong = component()
      if (wrong !== undefined) return wrong
      if (text[at] !== '.' && text[at] !== '/') return undefined
      at++
    }
  }
  const component = (): string | undefined => {
    if (text[at] === '(') {
      at++
      const wrong = term()
      if (wrong !== undefined) return wrong
      if (text[at] !== ')') return 'a parenthesis is not closed'
      at++
      return undefined
    }
    const unit = readUnit(text, at)
    at += unit.length
    const annotation = /^\{[!-z|~]*\}/.exec(text.slice(at))?.[0] ?? ''
    at += annotation.length
    if (unit === '') return annotation === '' ? `a unit is missing at character ${at + 1}` : undefined
    if (/^[0-9]+$/.test(unit)) return undefined
    const symbol = isSymbol(unit) ? unit : unit.replace(/[+-]?[0-9]+$/, '')
    return isSymbol(symbol) ? undefined : `"${symbol}" is no unit`
  }
  if (text[at] === '/') at++
  const wrong = term()
  if (wrong !== undefined) return wrong
  return at === text.length ? undefined : `"${text[at]}" is not expected at character ${at + 1}`
}

/** Brackets may hold any character: `[m/s2/Hz^(1/2)]`. */
const readUnit = (text: string, from: number): string => {
  let at = from
  while (at < text.length && !'./(){}'.includes(text[at]!)) {
    const close = text[at] === '[' ? text.indexOf(']', at) : at
    if (close < 0) break
    at = close + 1
  }
  return text.slice(from, at)
}

const longest = 200
const judge = (code: string): Concept | string => {
  if (code.length > longest) return `Units of measure have at most ${longest} characters.`
  const wrong =
    code === ''
      ? 'it is empty'
      : /[^!-~]/.test(code)
        ? 'it has characters outside of ASCII or spaces'
        : fault(code)
  return wrong === undefined ? bare(code, code) : `"${code}" is not a unit of UCUM: ${wrong}.`
}

export const ucum: GrammarSystem = {
  kind: 'grammar',
  url: 'http://unitsofmeasure.org',
  name: 'UCUM',
  find: remembered(judge, { most: 5000, longest: 200 }),
}
