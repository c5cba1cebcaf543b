/** Constraints of elements, compiled: http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint */
import type { ElementDefinitionConstraint } from 'fhir/r4.js'
import type { Issue, Severity } from '../../base/issue.ts'
import type { Definitions } from '../../fhir/definitions/model.ts'
import type { Env, Hooks } from '../../fhir/fhirpath-compile/code.ts'
import { createFhirpath, type Fhirpath } from '../../fhir/fhirpath-compile/compile.ts'
import type { Truth } from '../../fhir/fhirpath-compile/equality.ts'
import { Item, type Type } from '../../fhir/fhirpath-compile/item.ts'
import { type Prepared, prepare } from '../../fhir/fhirpath-compile/prepare.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { ValidationOptions } from '../model.ts'
import { checkNarrative, isXhtml } from '../narrative.ts'
import { erratumOf } from './errata.ts'
import { type Quick, quickOf, typeOf } from './universal.ts'

/** The resources around an element; made once for each of them by `Invariants.around`. */
export type Around = { readonly env: Env }

/**
 * Judges one element. `sibling` is the `_name` of a primitive; `where` is only called when there is something to say.
 * Never throws.
 */
export type InvariantCheck = (
  value: unknown,
  sibling: unknown,
  around: Around,
  options: Pick<ValidationOptions, 'bestPractice' | 'mode'>,
  where: () => string,
) => readonly Issue[]

export type Invariants = {
  /** `now` is an ISO instant. What the hooks leave out is reported as not judged. */
  around(resource: unknown, rootResource: unknown, now: string, hooks?: Omit<Hooks, 'htmlChecks'>): Around
  /** Undefined when nothing is left to judge. `typeName` is that of the elements: `Period`, `Patient.contact`. */
  compile(constraints: readonly ElementDefinitionConstraint[], typeName: string): InvariantCheck | undefined
  /** Whether the expression holds for the element that has the extension, `%extension`. Undefined when it cannot be told. */
  holdsAround(expression: string, owner: Element, extension: JsonObject, around: Around): boolean | undefined
  /** Whether the expression, asked of the resource, selects the element. Undefined when it cannot be told. */
  selects(expression: string, element: Element, around: Around): boolean | undefined
}

/** One element: `value` as in JSON, `sibling` the `_name` of a primitive, `type` as the definitions name it. */
export type Element = {
  readonly value: unknown
  readonly sibling: JsonObject | undefined
  readonly type: string
}

/** Of one evaluation; the heaviest published constraint on the largest example takes a tenth of it. */
const mostSteps = 1_000_000

/** Every expression is compiled once, on first use, however many elements and profiles carry it. */
export const createInvariants = (definitions: Definitions): Invariants => {
  const fhirpath = createFhirpath(definitions)
  const expressions = new Map<string, Prepared>()
  const prepared = (expression: string): Prepared => {
    const known = expressions.get(expression)
    if (known) return known
    const mended = erratumOf(expression)?.expression
    const made = prepareLazily(fhirpath, mended ?? expression, mended !== undefined)
    expressions.set(expression, made)
    return made
  }
  const extensionType = fhirpath.types.get('Extension')
  return {
    holdsAround: (expression, { value, sibling, type }, extension, { env }) => {
      const known = fhirpath.types.get(type)
      if (!known || !extensionType) return undefined
      env.extension = [new Item(extension, extensionType)]
      return attempt(() => prepared(expression)(itemOf(value, sibling, known), env) === true)
    },
    selects: (expression, { value, sibling }, { env }) => {
      const [resource] = env.resource
      // An element with an extension is an object, or has one beside it: there are no two of the same.
      const isIt = (item: Item): boolean =>
        typeof value === 'object' ? item.value === value : item.extra === sibling
      return resource && attempt(() => fhirpath.compile(expression).evaluate(resource, env).some(isIt))
    },
    around: (resource, rootResource, now, hooks = {}) => ({
      env: fhirpath.env({
        resource,
        rootResource,
        now,
        hooks: { ...hooks, htmlChecks: isXhtml },
        steps: mostSteps,
      }),
    }),
    compile: (constraints, typeName) => {
      const rules = constraints.flatMap((constraint) => ruleOf(constraint, prepared) ?? [])
      return rules.length === 0 ? undefined : checkOf(rules, typeName, fhirpath)
    },
  }
}

/** Undefined for what is no FHIRPath, or cannot be evaluated. */
const attempt = (judge: () => boolean): boolean | undefined => {
  try {
    return judge()
  } catch {
    return undefined
  }
}

const prepareLazily = (fhirpath: Fhirpath, expression: string, trusted: boolean): Prepared => {
  let made: Prepared | undefined
  return (focus, env) => {
    made ??= prepare(fhirpath, expression, trusted)
    return made(focus, env)
  }
}

type Rule = {
  readonly key: string
  readonly severity: Severity
  readonly bestPractice: boolean
  readonly human: string
  readonly quick: Quick | undefined
  readonly test: Prepared
}

const bestPracticeUrl = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'

const ruleOf = (
  { key, severity, human, expression, extension }: ElementDefinitionConstraint,
  prepared: (expression: string) => Prepared,
): Rule | undefined => {
  if (expression === undefined) return undefined
  const marked = extension?.some(({ url, valueBoolean }) => url === bestPracticeUrl && valueBoolean === true)
  return {
    key,
    severity,
    human,
    bestPractice: marked === true || key === 'dom-6',
    quick: quickOf(key, expression),
    test: prepared(expression),
  }
}

const clean: readonly Issue[] = []

const checkOf = (rules: readonly Rule[], typeName: string, fhirpath: Fhirpath): InvariantCheck => {
  const fixed = fhirpath.types.get(typeName)
  const isResource = typeName === 'Resource' || typeName === 'DomainResource'
  return (value, sibling, around, { bestPractice, mode }, where) => {
    const type = isResource ? typeOf(fhirpath.types, typeName, value) : fixed
    if (!type) return clean
    let issues: Issue[] | undefined
    let item: Item | undefined
    for (const rule of rules) {
      if (rule.bestPractice && bestPractice === 'ignore') continue
      const quick = rule.quick?.(value, sibling, type)
      if (quick === true) continue
      item ??= itemOf(value, sibling, type)
      const found = quick === false ? broken(rule, item, where()) : judge(rule, item, around.env, mode, where)
      if (!found) continue
      issues ??= []
      issues.push(
        rule.bestPractice && bestPractice !== 'ignore' ? { ...found, severity: bestPractice } : found,
      )
    }
    return issues ?? clean
  }
}

const itemOf = (value: unknown, sibling: unknown, type: Type): Item =>
  new Item(value === null ? undefined : value, type, sibling === null ? undefined : sibling)

/** What is empty does not hold: http://hl7.org/fhir/R4/conformance-rules.html#constraints */
const judge = (
  rule: Rule,
  item: Item,
  env: Env,
  mode: ValidationOptions['mode'],
  where: () => string,
): Issue | undefined => {
  let truth: Truth
  try {
    truth = rule.test(item, env)
  } catch (cause) {
    return unjudged(rule, mode, where(), cause)
  }
  return truth === true ? undefined : broken(rule, item, where())
}

const broken = (rule: Rule, item: Item, expression: string): Issue => ({
  severity: rule.severity,
  code: 'invariant',
  diagnostics: said(rule, item, expression),
  expression: [expression],
  rule: rule.key,
})

/** The constraints of narratives name chapters of a book; what is wrong in this one helps more. */
const said = ({ key, human }: Rule, { value }: Item, expression: string): string => {
  const isNarrative = (key === 'txt-1' || key === 'txt-2') && typeof value === 'string'
  const faults = isNarrative ? checkNarrative(value).filter(({ rule }) => rule === key) : []
  return faults.length === 0
    ? `${expression} breaks ${key}: ${human}`
    : faults.map(({ sentence }) => `${expression} ${sentence}`).join(' ')
}

/** Where the tenant is strict, what might be an error counts as one. The messages of failures name types and counts, never values. */
const unjudged = (
  { key, human, severity }: Rule,
  mode: ValidationOptions['mode'],
  expression: string,
  cause: unknown,
): Issue => {
  const isOwn = cause instanceof Error && (cause.name === 'Failure' || cause.name === 'Beyond')
  const why = isOwn ? ` (${cause.message})` : ''
  return {
    severity: mode === 'strict' && severity === 'error' ? 'error' : 'warning',
    code: cause instanceof Error && cause.name === 'TooManySteps' ? 'too-costly' : 'not-supported',
    diagnostics: `${expression} could not be held against ${key}${why}; check it by its text: ${human}`,
    expression: [expression],
    rule: key,
  }
}
