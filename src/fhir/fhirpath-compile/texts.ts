/** Functions on strings: http://hl7.org/fhirpath/N1/#string-manipulation */
import { argOf, argsOf, type Call, type Functions } from './call.ts'
import { type Code, type Env, fromRun, fromTest, fromValue, nothing, numberOf, textOf } from './code.ts'
import { Beyond } from './failure.ts'
import { Item, type Items } from './item.ts'
import { rememberPattern } from './matching.ts'

/** A test of the input against one text; nothing when either is absent. */
const compared =
  (holds: (text: string, argument: string) => boolean) =>
  (call: Call): Code => {
    const argument = argOf(call)
    return fromTest(call.types, (focus, env) => {
      const text = textOf(call.input.run(focus, env))
      const other = textOf(argument.run(focus, env))
      return text === undefined || other === undefined ? undefined : holds(text, other)
    })
  }

/** A text made of the input alone. */
const changed =
  (change: (text: string) => string) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromValue(call.types.system('String'), (focus, env) => {
      const text = textOf(call.input.run(focus, env))
      return text === undefined ? undefined : change(text)
    })
  }

const matches =
  (whole: boolean) =>
  (call: Call): Code => {
    const argument = argOf(call)
    const match = rememberPattern(whole, call.trusted)
    return fromTest(call.types, (focus, env) => {
      const text = textOf(call.input.run(focus, env))
      const pattern = textOf(argument.run(focus, env))
      return text === undefined || pattern === undefined ? undefined : match(pattern).test(text, env.stepper)
    })
  }

type Replace = (text: string, pattern: string, by: string, env: Env) => string

const replaced =
  (replace: Replace) =>
  (call: Call): Code => {
    const [pattern, by] = argsOf(call, 2) as [Code, Code]
    return fromValue(call.types.system('String'), (focus, env) => {
      const text = textOf(call.input.run(focus, env))
      const [from, to] = [textOf(pattern.run(focus, env)), textOf(by.run(focus, env))]
      return text === undefined || from === undefined || to === undefined
        ? undefined
        : replace(text, from, to, env)
    })
  }

const replaceMatches = (call: Call): Code => {
  const match = rememberPattern(false, call.trusted)
  return replaced((text, pattern, by, env) => match(pattern).replace(text, by, env.stepper))(call)
}

const substring = (call: Call): Code => {
  const [start, length] = argsOf(call, 1, 2) as [Code, Code | undefined]
  return fromValue(call.types.system('String'), (focus, env) => {
    const text = textOf(call.input.run(focus, env))
    const from = numberOf(start.run(focus, env))
    if (text === undefined || from === undefined || from < 0 || from >= text.length) return undefined
    const count = length ? numberOf(length.run(focus, env)) : undefined
    return text.slice(from, count === undefined ? undefined : from + Math.max(count, 0))
  })
}

const indexOf = (call: Call): Code => {
  const argument = argOf(call)
  return fromValue(call.types.system('Integer'), (focus, env) => {
    const text = textOf(call.input.run(focus, env))
    const part = textOf(argument.run(focus, env))
    return text === undefined || part === undefined ? undefined : text.indexOf(part)
  })
}

const length = (call: Call): Code => {
  argsOf(call, 0)
  return fromValue(call.types.system('Integer'), (focus, env) => textOf(call.input.run(focus, env))?.length)
}

const strings = (texts: readonly string[], env: Env): Items =>
  texts.map((text) => new Item(text, env.types.system('String')))

const split = (call: Call): Code => {
  const argument = argOf(call)
  return fromRun((focus, env) => {
    const text = textOf(call.input.run(focus, env))
    const separator = textOf(argument.run(focus, env))
    return text === undefined || separator === undefined ? nothing : strings(text.split(separator), env)
  })
}

const toChars = (call: Call): Code => {
  argsOf(call, 0)
  return fromRun((focus, env) => strings([...(textOf(call.input.run(focus, env)) ?? '')], env))
}

const join = (call: Call): Code => {
  const [separator] = argsOf(call, 0, 1)
  return fromValue(call.types.system('String'), (focus, env) => {
    const items = call.input.run(focus, env)
    if (items.some((item) => typeof item.value !== 'string')) throw new Beyond('join() of what is no text')
    const between = separator ? textOf(separator.run(focus, env)) : ''
    return items.length === 0 ? undefined : items.map((item) => item.value).join(between)
  })
}

export const texts: Functions = {
  startsWith: compared((text, part) => text.startsWith(part)),
  endsWith: compared((text, part) => text.endsWith(part)),
  contains: compared((text, part) => text.includes(part)),
  upper: changed((text) => text.toUpperCase()),
  lower: changed((text) => text.toLowerCase()),
  trim: changed((text) => text.trim()),
  matches: matches(false),
  matchesFull: matches(true),
  replace: replaced((text, pattern, by) => text.replaceAll(pattern, () => by)),
  replaceMatches,
  substring,
  indexOf,
  length,
  split,
  toChars,
  join,
}
