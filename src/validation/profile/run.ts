/** One validation in progress: what was found, and what every check may ask. */
import type { Issue, IssueCode, Severity } from '../../base/issue.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { Around } from '../invariants/invariants.ts'
import type { OpenCode, OpenReference, ValidationOptions } from '../model.ts'
import { isMember } from './binding.ts'
import { type BundleIndex, indexBundle } from './bundle-index.ts'
import { holds } from './hold.ts'
import type { Judgement, Registry, Scope } from './kinds.ts'
import { expressionOf, type Place, rootPlace } from './place.ts'
import { resolveReference } from './references.ts'

/** Of errors, and of all else: after as many the rest is not told, a hostile body must not earn an answer of a million issues. */
const mostIssues = 500

export class Run implements Judgement {
  readonly issues: Issue[] = []
  readonly codes: OpenCode[] = []
  readonly references: OpenReference[] = []
  readonly registry: Registry
  readonly options: ValidationOptions
  /** False when the structure is broken: then values may have any shape. */
  readonly sound: boolean
  // Most runs need neither of the two maps: they are about one resource.
  #indexes: WeakMap<JsonObject, BundleIndex> | undefined
  #arounds: WeakMap<Scope, Around> | undefined
  #around: Around | undefined
  #aroundScope: Scope | undefined
  scope: Scope
  integers = false
  hasErrors = false
  #said: Set<string> | undefined
  #errors = 0
  #others = 0
  readonly held: Map<JsonObject, Map<string, boolean>>

  constructor(
    registry: Registry,
    options: ValidationOptions,
    scope: Scope,
    sound: boolean,
    held: Map<JsonObject, Map<string, boolean>> = new Map(),
  ) {
    this.registry = registry
    this.options = options
    this.scope = scope
    this.sound = sound
    this.held = held
  }

  /** A run whose findings only answer a question. */
  fork(): Run {
    return new Run(this.registry, this.options, this.scope, this.sound, this.held)
  }

  /** The same where no expression is being evaluated: what expressions may ask is made once for both. */
  twin(): Run {
    const twin = this.fork()
    twin.#around = this.around()
    twin.#aroundScope = this.scope
    return twin
  }

  around(): Around {
    const { scope } = this
    if (this.#around && this.#aroundScope === scope) return this.#around
    const around = this.#arounds?.get(scope) ?? this.#newAround()
    if (this.#around && this.#aroundScope) {
      this.#arounds ??= new WeakMap()
      this.#arounds.set(this.#aroundScope, this.#around)
    }
    this.#aroundScope = scope
    this.#around = around
    return around
  }

  #newAround(): Around {
    const { resource, root } = this.scope
    return this.registry.invariants.around(resource, root, this.options.now, {
      resolve: (reference) => resolveReference(reference, this.scope),
      memberOf: (value, valueSet) => isMember(value, valueSet, this.registry.membership),
      conformsTo: (value, profile) => holds(value, profile, this, rootPlace('')),
    })
  }

  indexOf(bundle: JsonObject): BundleIndex {
    const known = this.#indexes?.get(bundle)
    if (known) return known
    const made = indexBundle(bundle)
    this.#indexes ??= new WeakMap()
    this.#indexes.set(bundle, made)
    return made
  }

  /** Visits another resource and comes back. */
  within(scope: Scope, visit: () => void): void {
    const before = this.scope
    this.scope = scope
    visit()
    this.scope = before
  }

  /** `sentence` follows the expression. */
  report(severity: Severity, code: IssueCode, rule: string, place: Place, sentence: string): void {
    const expression = expressionOf(place)
    this.add({ severity, code, diagnostics: `${expression} ${sentence}`, expression: [expression], rule })
  }

  error(code: IssueCode, rule: string, place: Place, sentence: string): void {
    this.report('error', code, rule, place, sentence)
  }

  warn(code: IssueCode, rule: string, place: Place, sentence: string): void {
    this.report('warning', code, rule, place, sentence)
  }

  /** What cannot be judged: a warning, or an error where the tenant is strict. */
  doubt(code: IssueCode, rule: string, place: Place, sentence: string): void {
    this.report(this.options.mode === 'strict' ? 'error' : 'warning', code, rule, place, sentence)
  }

  /** What several profiles or slices find alike is told once; what is left out is told, as severe as the worst of it. */
  add(found: Issue): void {
    const sentence = `${found.severity} ${found.diagnostics}`
    this.#said ??= new Set()
    if (this.#said.has(sentence)) return
    if (this.#said.size <= 2 * mostIssues) this.#said.add(sentence)
    const isError = found.severity === 'error' || found.severity === 'fatal'
    if (isError) this.hasErrors = true
    const count = isError ? ++this.#errors : ++this.#others
    if (count <= mostIssues) this.issues.push(found)
    else if (count === mostIssues + 1)
      this.issues.push({
        severity: isError ? 'error' : 'information',
        code: 'too-costly',
        diagnostics: `There are more than these ${mostIssues} ${isError ? 'errors' : 'warnings and notes'}; correct them first.`,
      })
  }
}
