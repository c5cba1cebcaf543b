/** fixed[x], pattern[x], minValue[x], maxValue[x], maxLength: http://hl7.org/fhir/R4/elementdefinition.html */
import type { ElementDefinition } from 'fhir/r4.js'
import { compareValues } from './compare.ts'
import type { Check } from './kinds.ts'
import { choiceOf, fits, isPlain, isSame, shown } from './values.ts'

/** Those that the base does not have in the same form. */
export const valueChecks = (
  def: ElementDefinition,
  base: ElementDefinition | undefined,
): readonly (Check | undefined)[] => [
  fixed(def, base),
  pattern(def, base),
  bound(def, 'minValue', -1),
  bound(def, 'maxValue', 1),
  maxLength(def, base),
]

const fixed = (def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined => {
  const demand = choiceOf(def, 'fixed')
  if (!demand || (base && choiceOf(base, 'fixed')?.value === demand.value)) return undefined
  return (value, _sibling, place, run) => {
    if (!isSame(value, demand.value))
      run.error('value', 'fixed', place, `must be exactly ${shown(demand.value)}.`)
  }
}

const pattern = (def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined => {
  const demand = choiceOf(def, 'pattern')
  if (!demand || (base && choiceOf(base, 'pattern')?.value === demand.value)) return undefined
  return (value, _sibling, place, run) => {
    if (!fits(value, demand.value))
      run.error('value', 'pattern', place, `must have at least ${shown(demand.value)}.`)
  }
}

const bound = (def: ElementDefinition, name: 'minValue' | 'maxValue', side: 1 | -1): Check | undefined => {
  const limit = choiceOf(def, name)
  if (!limit) return undefined
  const word = side < 0 ? 'at least' : 'at most'
  return (value, _sibling, place, run) => {
    if (value === undefined || compareValues(value, limit.value) !== side) return
    run.error('value', name, place, `must be ${word} ${shown(limit.value)}.`)
  }
}

const maxLength = (def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined => {
  const most = def.maxLength
  if (most === undefined || most === base?.maxLength) return undefined
  return (value, _sibling, place, run) => {
    const text = isPlain(value) ? undefined : value
    if (typeof text === 'string' && text.length > most)
      run.error(
        'too-long',
        'max-length',
        place,
        `has ${text.length} characters; at most ${most} are allowed.`,
      )
  }
}
