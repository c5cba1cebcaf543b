/** Codes in their own systems, whatever they are bound to: http://hl7.org/fhir/R4/datatypes.html#Coding */
import type { Check, Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { isPlain } from './values.ts'

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/

/** A code that its system does not have. Bindings say the rest. */
export const codingRule: Check = (value, _sibling, place, run) => {
  if (!isPlain(value) || typeof value.system !== 'string') return
  const { system, code, version } = value
  if (!absolute.test(system))
    run.error(
      'value',
      'system-absolute',
      { up: place, name: 'system', index: -1, type: 'uri' },
      'must be absolute: the URL of the code system.',
    )
  else if (typeof code === 'string')
    known(system, code, typeof version === 'string' ? version : undefined, place, run)
}

/** Units of UCUM, and any other system that has the unit's code. */
export const quantityRule: Check = (value, _sibling, place, run) => {
  if (isPlain(value) && typeof value.system === 'string' && typeof value.code === 'string')
    known(value.system, value.code, undefined, place, run)
}

/** Systems that are not in memory are left to the bindings. */
const known = (
  system: string,
  code: string,
  version: string | undefined,
  place: Place,
  run: Judgement,
): void => {
  const answer = run.registry.membership.now({
    value: { system, code, ...(version === undefined ? {} : { version }) },
  })
  if (answer?.result === 'no')
    run.warn(
      'code-invalid',
      'code-unknown',
      place,
      `has a code that its system does not have: ${answer.reason}`,
    )
}
