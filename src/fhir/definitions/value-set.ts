/** What is in a value set, as far as the definitions can tell: http://hl7.org/fhir/R4/valueset.html#compositions */
import type { CodeSystemDefinition, Definitions, ValueSetDefinition, ValueSetPart } from './model.ts'

/** Codes by system; `all` stands for every code of a system whose codes are not in the definitions, such as LOINC. */
export type Expansion = ReadonlyMap<string, ReadonlySet<string> | 'all'>

/** The codes of a value set, or a sentence that says why they cannot be told. The URL may have a version. */
export const expandValueSet = (definitions: Definitions, url: string): Expansion | string => {
  const known = expansions.get(definitions) ?? new Map<string, Expansion | string>()
  expansions.set(definitions, known)
  const plain = url.replace(/\|[^|]*$/, '')
  const done = known.get(plain)
  if (done !== undefined) return done
  const valueSet = definitions.valueSets.get(plain)
  // Names that are not known come from clients and are not remembered.
  if (!valueSet) return `The value set ${plain} is not known to this server.`
  known.set(plain, `The value set ${plain} includes itself.`)
  const made = compose(definitions, valueSet)
  known.set(plain, made)
  return made
}

const expansions = new WeakMap<Definitions, Map<string, Expansion | string>>()

/** The systems that a value set takes codes from, whether or not the codes can be told. */
export const systemsOf = (definitions: Definitions, url: string): readonly string[] => {
  const seen = new Set<string>()
  const systems = new Set<string>()
  const visit = (name: string): void => {
    const plain = name.replace(/\|[^|]*$/, '')
    if (seen.has(plain)) return
    seen.add(plain)
    for (const part of definitions.valueSets.get(plain)?.include ?? []) {
      if (part.system !== undefined) systems.add(part.system)
      else part.valueSets.forEach(visit)
    }
  }
  visit(url)
  return [...systems]
}

/** The code with all codes below it, or above it; undefined when the system or the code is not known. */
export const subsumed = (
  definitions: Definitions,
  system: string,
  code: string,
  direction: 'below' | 'above',
): ReadonlySet<string> | undefined => {
  const codeSystem = definitions.codeSystems.get(system)
  if (!codeSystem?.codes.has(code)) return undefined
  return closure(codeSystem, code, direction)
}

const closure = (
  { children, parents }: CodeSystemDefinition,
  code: string,
  direction: 'below' | 'above',
): ReadonlySet<string> => {
  const links = direction === 'below' ? children : parents
  const found = new Set([code])
  for (const one of found) for (const next of links.get(one) ?? []) found.add(next)
  return found
}

type Codes = Map<string, Set<string> | 'all'>

const compose = (definitions: Definitions, { include, exclude }: ValueSetDefinition): Expansion | string => {
  const whole: Codes = new Map()
  for (const part of include) {
    const found = partOf(definitions, part)
    if (typeof found === 'string') return found
    for (const [system, codes] of found) unite(whole, system, codes)
  }
  for (const part of exclude) {
    const found = partOf(definitions, part)
    if (typeof found === 'string') return found
    for (const [system, codes] of found) {
      const known = whole.get(system)
      if (known === undefined) continue
      if (codes === 'all') whole.delete(system)
      else if (known === 'all')
        return `It leaves out codes of ${system}, whose codes are not known to this server.`
      else for (const code of codes) known.delete(code)
    }
  }
  return whole
}

const unite = (whole: Codes, system: string, codes: ReadonlySet<string> | 'all'): void => {
  const known = whole.get(system)
  if (codes === 'all' || known === 'all') whole.set(system, 'all')
  else whole.set(system, new Set([...(known ?? []), ...codes]))
}

/** A part is what is in its system and in all of its value sets. */
const partOf = (definitions: Definitions, part: ValueSetPart): Expansion | string => {
  const all: Expansion[] = []
  if (part.system !== undefined) {
    const codes = systemPart(definitions, part.system, part)
    if (typeof codes === 'string' && codes !== 'all') return codes
    all.push(new Map([[part.system, codes as ReadonlySet<string> | 'all']]))
  }
  for (const url of part.valueSets) {
    const found = expandValueSet(definitions, url)
    if (typeof found === 'string') return found
    all.push(found)
  }
  return all.reduce(intersect)
}

const intersect = (left: Expansion, right: Expansion): Expansion => {
  const both: Codes = new Map()
  for (const [system, codes] of left) {
    const others = right.get(system)
    if (others === undefined) continue
    if (codes === 'all') both.set(system, others === 'all' ? 'all' : new Set(others))
    else both.set(system, others === 'all' ? new Set(codes) : codes.intersection(others))
  }
  return both
}

const systemPart = (
  definitions: Definitions,
  system: string,
  { codes, filters }: ValueSetPart,
): ReadonlySet<string> | string => {
  if (codes) return new Set(codes)
  const codeSystem = definitions.codeSystems.get(system)
  if (filters.length === 0) return codeSystem?.complete ? codeSystem.codes : 'all'
  if (!codeSystem?.complete)
    return `It selects codes of ${system}, whose content is not known to this server.`
  let found: ReadonlySet<string> = codeSystem.codes
  for (const filter of filters) {
    const some = filtered(codeSystem, filter)
    if (typeof some === 'string') return some
    found = found.intersection(some)
  }
  return found
}

const filtered = (
  codeSystem: CodeSystemDefinition,
  { property, op, value }: ValueSetPart['filters'][number],
): ReadonlySet<string> | string => {
  const below = (): ReadonlySet<string> => closure(codeSystem, value, 'below')
  if (property === 'concept' || property === 'code') {
    if (op === 'is-a') return below()
    if (op === 'descendent-of') return below().difference(new Set([value]))
    if (op === 'is-not-a') return codeSystem.codes.difference(below())
  }
  return `It selects codes of ${codeSystem.url} by "${property} ${op} ${value}", which this server cannot judge.`
}
