/** Functions that choose, project and combine items: http://hl7.org/fhirpath/N1/#filtering-and-projection */
import { argOf, argsOf, type Call, type Functions } from './call.ts'
import { type Code, type Env, fromRun, nothing, numberOf, single } from './code.ts'
import { Beyond } from './failure.ts'
import type { Item, Items } from './item.ts'
import { distinct, isIn } from './sets.ts'

/** Runs `each` with `$index` set, and puts back the outer one. */
const iterate = (items: Items, env: Env, each: (item: Item) => void): void => {
  const outer = env.index
  env.spend(items.length)
  for (const [i, item] of items.entries()) {
    env.index = env.indexItem(i)
    each(item)
  }
  env.index = outer
}

const where = (call: Call): Code => {
  const criteria = argOf(call)
  return fromRun((focus, env) => {
    const found: Item[] = []
    iterate(call.input.run(focus, env), env, (item) => {
      if (criteria.test([item], env) === true) found.push(item)
    })
    return found
  })
}

const select = (call: Call): Code => {
  const projection = argOf(call)
  return fromRun((focus, env) => {
    const found: Item[] = []
    iterate(call.input.run(focus, env), env, (item) => {
      for (const made of projection.run([item], env)) found.push(made)
    })
    return found
  })
}

const repeat = (call: Call): Code => {
  const projection = argOf(call)
  return fromRun((focus, env) => {
    const found: Item[] = []
    let level = call.input.run(focus, env)
    while (level.length > 0) {
      const next: Item[] = []
      iterate(level, env, (item) => {
        for (const made of projection.run([item], env)) {
          env.spend(found.length)
          if (isIn(made, found)) continue
          found.push(made)
          next.push(made)
        }
      })
      level = next
    }
    return found
  })
}

/** The branches see what stands before the dot as their focus; only the chosen one is run. */
const iif = (call: Call): Code => {
  const [criterion, yes, no] = argsOf(call, 2, 3) as [Code, Code, Code | undefined]
  return fromRun((focus, env) => {
    const items = call.input.run(focus, env)
    if (criterion.test(items, env) === true) return yes.run(items, env)
    return no ? no.run(items, env) : nothing
  })
}

const aggregate = (call: Call): Code => {
  const [step, start] = argsOf(call, 1, 2) as [Code, Code | undefined]
  return fromRun((focus, env) => {
    const items = call.input.run(focus, env)
    const outer = env.total
    env.total = start ? start.run(focus, env) : nothing
    iterate(items, env, (item) => {
      env.total = step.run([item], env)
    })
    const made = env.total
    env.total = outer
    return made
  })
}

/** A part of the input by position. */
const part =
  (cut: (items: Items) => Items) =>
  (call: Call): Code => {
    argsOf(call, 0)
    return fromRun((focus, env) => cut(call.input.run(focus, env)))
  }

const counted =
  (cut: (items: Items, count: number) => Items) =>
  (call: Call): Code => {
    const argument = argOf(call)
    return fromRun((focus, env) => {
      const count = numberOf(argument.run(focus, env))
      if (count === undefined) throw new Beyond(`${call.name}() without a number`)
      return cut(call.input.run(focus, env), Math.max(count, 0))
    })
  }

const combined =
  (join: (a: Items, b: Items, env: Env) => Items) =>
  (call: Call): Code => {
    const argument = argOf(call)
    return fromRun((focus, env) => join(call.input.run(focus, env), argument.run(focus, env), env))
  }

const intersect = (a: Items, b: Items, env: Env): Items => {
  env.spend(a.length * b.length)
  return distinct(
    a.filter((item) => isIn(item, b)),
    env,
  )
}

const exclude = (a: Items, b: Items, env: Env): Items => {
  env.spend(a.length * b.length)
  return a.filter((item) => !isIn(item, b))
}

/** Both, each value once. */
export const union = (a: Items, b: Items, env: Env): Items => distinct([...a, ...b], env)

export const filtering: Functions = {
  where,
  select,
  repeat,
  iif,
  aggregate,
  single: part((items) => {
    single(items)
    return items
  }),
  first: part((items) => items.slice(0, 1)),
  last: part((items) => items.slice(-1)),
  tail: part((items) => items.slice(1)),
  skip: counted((items, count) => items.slice(count)),
  take: counted((items, count) => items.slice(0, count)),
  union: combined(union),
  combine: combined((a, b) => [...a, ...b]),
  intersect: combined(intersect),
  exclude: combined(exclude),
}
