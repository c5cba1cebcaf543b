/** Functions that ask what is in a collection: http://hl7.org/fhirpath/N1/#existence */
import { argOf, argsOf, type Call, type Functions } from './call.ts'
import { type Code, type Env, fromRun, fromTest, fromValue } from './code.ts'
import { Failure } from './failure.ts'
import type { Items } from './item.ts'
import { distinct, isIn } from './sets.ts'

/** Whether the criteria are true for any item; `$this` and `$index` are set. */
const any = (items: Items, criteria: Code, env: Env, wanted: boolean): boolean => {
  const outer = env.index
  env.spend(items.length)
  for (const [i, item] of items.entries()) {
    env.index = env.indexItem(i)
    if ((criteria.test([item], env) === true) !== wanted) continue
    env.index = outer
    return true
  }
  env.index = outer
  return false
}

const exists = (call: Call): Code => {
  const { input, types } = call
  if (call.args.length === 0) return fromTest(types, input.exists)
  const criteria = argOf(call)
  return fromTest(types, (focus, env) => any(input.run(focus, env), criteria, env, true))
}

const booleans =
  (every: boolean, wanted: boolean) =>
  (call: Call): Code => {
    argsOf(call, 0)
    const matches = (item: Items[number]): boolean => {
      if (typeof item.value === 'boolean') return item.value === wanted
      throw new Failure(`${call.name}() needs booleans where ${item.type.name} is`)
    }
    return fromTest(call.types, (focus, env) => {
      const items = call.input.run(focus, env)
      return every ? items.every(matches) : items.some(matches)
    })
  }

const subset =
  (inner: 'input' | 'argument') =>
  (call: Call): Code => {
    const argument = argOf(call)
    return fromTest(call.types, (focus, env) => {
      const [a, b] = [call.input.run(focus, env), argument.run(focus, env)]
      env.spend(a.length * b.length)
      return inner === 'input' ? a.every((item) => isIn(item, b)) : b.every((item) => isIn(item, a))
    })
  }

export const existence: Functions = {
  exists,
  empty: (call) => {
    argsOf(call, 0)
    return fromTest(call.types, (focus, env) => !call.input.exists(focus, env))
  },
  all: (call) => {
    const criteria = argOf(call)
    return fromTest(call.types, (focus, env) => !any(call.input.run(focus, env), criteria, env, false))
  },
  not: (call) => {
    argsOf(call, 0)
    return fromTest(call.types, (focus, env) => {
      const truth = call.input.test(focus, env)
      return truth === undefined ? undefined : !truth
    })
  },
  allTrue: booleans(true, true),
  anyTrue: booleans(false, true),
  allFalse: booleans(true, false),
  anyFalse: booleans(false, false),
  subsetOf: subset('input'),
  supersetOf: subset('argument'),
  count: (call) => {
    argsOf(call, 0)
    return fromValue(call.types.system('Integer'), (focus, env) => call.input.run(focus, env).length)
  },
  distinct: (call) => {
    argsOf(call, 0)
    return fromRun((focus, env) => distinct(call.input.run(focus, env), env))
  },
  isDistinct: (call) => {
    argsOf(call, 0)
    return fromTest(call.types, (focus, env) => {
      const items = call.input.run(focus, env)
      return distinct(items, env).length === items.length
    })
  },
}
