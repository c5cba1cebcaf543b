/** Functions of FHIR's own and those on types and trees: http://hl7.org/fhir/R4/fhirpath.html#functions */
import { argOf, argsOf, type Call, type Functions, typeArgument } from './call.ts'
import { type Code, type Env, fromRun, fromTest, fromValue, nothing, single, textOf } from './code.ts'
import type { Truth } from './equality.ts'
import { Beyond, Failure } from './failure.ts'
import type { Item, Items, Type } from './item.ts'
import { resolveOne } from './resolve.ts'
import { childrenOf, descendantsOf, pushMember } from './walk.ts'

/** Of the type or of one below it. */
export const ofType = (input: Code, type: Type): Code =>
  fromRun((focus, env) => input.run(focus, env).filter((item) => item.type.isA(type)))

export const isOfType = (call: Pick<Call, 'input' | 'types'>, type: Type): Code =>
  fromTest(call.types, (focus, env) => single(call.input.run(focus, env))?.type.isA(type))

const extension = (call: Call): Code => {
  const argument = argOf(call)
  return fromRun((focus, env) => {
    const url = textOf(argument.run(focus, env))
    if (url === undefined) return nothing
    const found: Item[] = []
    for (const item of call.input.run(focus, env))
      for (const member of item.type.members('extension')) pushMember(found, item, member, env.types)
    return found.filter((item) => (item.value as { url?: unknown } | undefined)?.url === url)
  })
}

const hasValue = (call: Call): Code => {
  argsOf(call, 0)
  return fromTest(call.types, (focus, env) => {
    const items = call.input.run(focus, env)
    return items.length === 1 && items[0]?.type.isPrimitive === true && items[0].value !== undefined
  })
}

const getValue = (call: Call): Code => {
  argsOf(call, 0)
  return fromRun((focus, env) => {
    const items = call.input.run(focus, env)
    return items.length === 1 && items[0]?.type.isPrimitive && items[0].value !== undefined ? items : nothing
  })
}

const tree =
  (walk: (items: Items, env: Env) => Items) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromRun((focus, env) => walk(call.input.run(focus, env), env))
  }

/** The name and what to log are of no concern here: content is never logged. */
const trace = (call: Call): Code => {
  argsOf(call, 1, 2)
  return call.input
}

/** Asks a hook that may not know. */
const asked =
  (ask: (item: Item, argument: string, env: Env) => Truth) =>
  (call: Call): Code => {
    const argument = argOf(call)
    return fromTest(call.types, (focus, env) => {
      const item = single(call.input.run(focus, env))
      const url = textOf(argument.run(focus, env))
      return item === undefined || url === undefined ? undefined : ask(item, url, env)
    })
  }

const memberOf = (item: Item, valueSet: string, { hooks }: Env): Truth => {
  const answer = hooks.memberOf?.(item.value, valueSet)
  if (answer === undefined) throw new Failure('what is in the value set of memberOf() is not known')
  return answer
}

const core = 'http://hl7.org/fhir/StructureDefinition/'

const conformsTo = (item: Item, profile: string, { hooks, types }: Env): Truth => {
  const type = profile.startsWith(core) ? types.get(profile.slice(core.length)) : undefined
  if (type) return item.type.isA(type)
  const answer = hooks.conformsTo?.(item.value, profile)
  if (answer === undefined) throw new Failure('the profile of conformsTo() is not known')
  return answer
}

const htmlChecks = (call: Call): Code => {
  argsOf(call, 0)
  return fromTest(call.types, (focus, env) => {
    const text = textOf(call.input.run(focus, env))
    if (!env.hooks.htmlChecks) throw new Beyond('htmlChecks() without a checker')
    return text === undefined ? undefined : env.hooks.htmlChecks(text)
  })
}

const resolve = (call: Call): Code => {
  argsOf(call, 0)
  return fromRun((focus, env) => call.input.run(focus, env).flatMap((item) => resolveOne(item, env) ?? []))
}

const moment =
  (type: string, cut: (now: string) => string) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromValue(call.types.system(type), (_focus, env) => cut(env.now))
  }

export const kinds: Functions = {
  is: (call) => isOfType(call, typeArgument(call)),
  as: (call) => ofType(call.input, typeArgument(call)),
  ofType: (call) => ofType(call.input, typeArgument(call)),
  extension,
  hasValue,
  getValue,
  children: tree((items, env) => {
    const found = childrenOf(items, env.types)
    env.spend(found.length)
    return found
  }),
  descendants: tree((items, env) => descendantsOf(items, env.types, (found) => env.spend(found))),
  trace,
  memberOf: asked(memberOf),
  conformsTo: asked(conformsTo),
  htmlChecks,
  resolve,
  now: moment('DateTime', (now) => now),
  today: moment('Date', (now) => now.slice(0, 10)),
  timeOfDay: moment('Time', (now) => now.slice(11, 23)),
}
