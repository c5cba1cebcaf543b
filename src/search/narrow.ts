/** Conditions that say the same and are found faster: `code=X&value-quantity=gt5` is one lookup in the rows of X. */
import type { Condition, QuantityTest } from './algebra.ts'

const prefix = 'Observation.code|'
const parameter = 'Observation.value-quantity'
/** A code, `system|code` or `|code`; what has an escape is left as it is. */
const form = /^(?:[^|\\$]*\|)?[^|\\$]+$/

type Codes = readonly Pick<QuantityTest, 'code' | 'coded'>[]

/** The codes that an Observation must have one of, when every alternative is a code. */
const codesOf = (condition: Condition): Codes | undefined => {
  if (condition.kind !== 'tokens') return undefined
  const forms = condition.any.map((token) => (token.startsWith(prefix) ? token.slice(prefix.length) : ''))
  if (!forms.every((text) => form.test(text))) return undefined
  return forms.map((text) => {
    const bar = text.lastIndexOf('|')
    return bar < 0 ? { code: text } : { code: text.slice(bar + 1), coded: text }
  })
}

/** More alternatives than these would make more index lookups than they save. */
const most = 20

/** The rows of an Observation's value know its codes, so a condition on the codes is one on the rows too. */
export const narrow = (where: readonly Condition[]): readonly Condition[] => {
  const codes = where.map(codesOf).find((found) => found !== undefined)
  if (!codes) return where
  return where.map((condition) => {
    if (condition.kind !== 'quantities' || condition.parameters.join() !== parameter) return condition
    if (condition.any.length * codes.length > most) return condition
    if (condition.any.some(({ code }) => code !== undefined)) return condition
    return { ...condition, any: condition.any.flatMap((test) => codes.map((code) => ({ ...test, ...code }))) }
  })
}
