/** Reads the policies of a folder, one file for each role, and refuses what could not be enforced. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Policy, PolicyFault, pairsOf, readPolicy, type TypeGroups, variableNames } from './policy.ts'
import type { Role } from './principal.ts'

export type Policies = ReadonlyMap<Role, Policy>

/** Why a search of a type cannot be understood; undefined when it can. */
export type Judge = (type: string, query: readonly (readonly [string, string])[]) => string | undefined

/** Throws PolicyFault with the file and the place in it. */
export const loadPolicies = async (folder: string, groups: TypeGroups, judge: Judge): Promise<Policies> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  const found = new Map<Role, Policy>()
  for (const file of files) {
    const policy = readPolicy(await jsonOf(join(folder, file), file), groups, file)
    if (found.has(policy.role))
      throw new PolicyFault(`${file}: there is another policy of the role ${policy.role}.`)
    checkPolicy(policy, file, judge)
    found.set(policy.role, policy)
  }
  return found
}

const jsonOf = async (path: string, file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new PolicyFault(`${file}: is no JSON: ${(error as Error).message}`)
  }
}

/** Any ids will do to see whether an expression is understood. */
const examples = Object.fromEntries(variableNames.map((name) => [name, ['example']])) as never

/** Throws PolicyFault for an expression that a search would refuse; `file` is where the policy stands. */
export const checkPolicy = ({ rules, patients }: Policy, file: string, judge: Judge): void => {
  const one = (at: string, type: string, expression: string): void => {
    const reason = judge(type, pairsOf(expression, examples) ?? [])
    if (reason !== undefined) throw new PolicyFault(`${file}.${at}: ${expression} for ${type}: ${reason}`)
  }
  patients.forEach((expression, n) => {
    one(`patients[${n}]`, 'Patient', expression)
  })
  rules.forEach(({ types, within = [] }, n) => {
    for (const part of within)
      if ('search' in part) for (const type of types) one(`rules[${n}].within`, type, part.search)
  })
}
