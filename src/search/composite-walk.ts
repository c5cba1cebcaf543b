/** Compiles composite parameters into JavaScript that writes the rows of each element: http://hl7.org/fhir/R4/search.html#composite */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import { type ComponentKind, codeReaders } from './params/composite.ts'
import { dateWriters } from './params/date.ts'
import { quantityWriters } from './params/quantity.ts'
import { stringWriters } from './params/string.ts'
import { parameterName } from './posted.ts'
import { compileWalk, Refusal } from './walker.ts'

/**
 * Rows that serve several parameters are written once: those of an Observation's quantities know their code. A
 * parameter with another's rows, or those of several others, is not written itself.
 */
const shared: Readonly<Record<string, readonly string[]>> = {
  'Observation.code-value-quantity': ['Observation.value-quantity'],
  'Observation.component-code-value-quantity': ['Observation.component-value-quantity'],
  'Observation.combo-code-value-quantity': [
    'Observation.value-quantity',
    'Observation.component-value-quantity',
  ],
  'Observation.combo-value-quantity': ['Observation.value-quantity', 'Observation.component-value-quantity'],
  'Observation.combo-code-value-concept': [
    'Observation.code-value-concept',
    'Observation.component-code-value-concept',
  ],
}

/** The parameters under which the rows of a parameter are kept. */
export const rowsOf = (parameter: string): readonly string[] => shared[parameter] ?? [parameter]

/** Whether a parameter has no rows of its own, because others write them. */
export const isDerived = (parameter: string): boolean => rowsOf(parameter).length > 1

/** Whether a composite writes the Quantity rows of another parameter. */
export const isWrittenByComposite = (parameter: string): boolean =>
  Object.entries(shared).some(([, [only, ...more]]) => only === parameter && more.length === 0)

const kindOf = ({ type }: SearchParameterDefinition): ComponentKind => {
  const known = ['token', 'reference', 'quantity', 'number', 'date', 'string'] as const
  const kind = known.find((one) => one === type)
  if (kind === undefined) throw new Refusal(`a component of type ${type}`)
  return kind
}

/** The expression of a component and what it starts at. */
const startOf = (
  type: string,
  item: { readonly type: string },
  expression: string,
): {
  readonly root: string
  readonly type: string
  readonly expression: string
  readonly relative: boolean
} => {
  // The published expression names a type that does not exist.
  const text = expression.replaceAll('ofType(DateTime)', 'ofType(dateTime)')
  return text.startsWith('%resource.')
    ? { root: 'resource', type, expression: text.replace('%resource', type), relative: false }
    : { root: 'whole', type: item.type, expression: text, relative: true }
}

/** The kinds of the components, and the code; `mark` is run where an element has values of all components. */
export const compileComposite = (
  definitions: Definitions,
  type: string,
  definition: SearchParameterDefinition,
  mark: string,
): { readonly code: string; readonly kinds: readonly ComponentKind[] } => {
  const parameter = parameterName(type, definition)
  const byUrl = new Map([...definitions.searchParameters(type).values()].map((one) => [one.url, one]))
  const components = definition.components.map(({ definition: url, expression }) => {
    const component = byUrl.get(url)
    if (!component) throw new Refusal(`its component ${url} is not a parameter of ${type}`)
    return { kind: kindOf(component), expression }
  })
  const [first, second, third] = components
  if (first?.kind !== 'token' && first?.kind !== 'reference')
    throw new Refusal('its first component is no code')
  if (!second || components.length > 3 || (third && (second.kind !== 'number' || third.kind !== 'number')))
    throw new Refusal('components that do not make a composite that is known here')
  const [target = parameter] = rowsOf(parameter)
  const isSilent = isDerived(parameter)

  /** Code that runs `each` for every value of a component. */
  const walked = (
    item: { readonly type: string },
    component: (typeof components)[number],
    each: (place: { readonly code: string; readonly type: string }) => string,
  ): string => {
    const start = startOf(type, item, component.expression)
    const names = { root: start.root, base: 'base', relative: start.relative }
    return compileWalk(definitions, start.type, start.expression, names, each)
  }
  const gather = (
    item: { readonly type: string },
    component: (typeof components)[number],
    into: string,
  ): string =>
    walked(item, component, (place) => {
      if (component.kind === 'number') return `${into}.push(${place.code});`
      const reader = codeReaders[component.kind as 'token' | 'reference']?.[place.type]
      return reader === undefined ? '' : `${reader}(${into}, ${place.code}, base);`
    })
  const marked = (condition: string, work: string): string =>
    `if (${condition}) { ${mark} ${isSilent ? '' : work} }`

  const code = compileWalk(
    definitions,
    type,
    definition.expression ?? type,
    { root: 'resource', base: 'base' },
    (item) => {
      const name = JSON.stringify(target)
      const heads = gather(item, first, 'heads')
      const open = `{ const whole = ${item.code}, heads = [];`
      if (second.kind === 'token' || second.kind === 'reference')
        return `${open} const tails = []; ${heads} ${gather(item, second, 'tails')} ${marked('heads.length > 0 && tails.length > 0', `pairs(out, ${JSON.stringify(`${target}|`)}, heads, tails);`)} }`
      if (second.kind === 'number' && third)
        return `${open} const lows = [], highs = []; ${heads} ${gather(item, second, 'lows')} ${gather(item, third, 'highs')} ${marked('heads.length > 0 && lows.length > 0 && highs.length > 0', `numberPairs(rows, ${name}, heads, lows, highs);`)} }`
      if (second.kind === 'quantity') {
        const values = walked(item, second, (place) => {
          const writer = quantityWriters[place.type]
          if (writer === undefined) return ''
          const write = isSilent ? '' : `${writer}(rows, ${name}, ${place.code}, heads);`
          return `if (heads.length > 0) { ${mark} } ${isWrittenByComposite(target) ? write : `if (heads.length > 0) { ${write} }`}`
        })
        return `${open} ${heads} ${values} }`
      }
      const table = second.kind === 'date' ? dateWriters : stringWriters
      const values = walked(item, second, (place) => {
        const writer = table[place.type]
        return writer === undefined
          ? ''
          : `if (heads.length > 0) { ${mark} for (const name of codedParameters(${name}, heads)) ${writer}(rows, name, ${place.code}); }`
      })
      return values === '' ? '' : `${open} ${heads} ${values} }`
    },
  )
  return { code, kinds: components.map(({ kind }) => kind) }
}
