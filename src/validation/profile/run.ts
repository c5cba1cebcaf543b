/** One validation in progress: what was found, and what every check may ask. */
import type { Issue, IssueCode, Severity } from '../../base/issue.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { OpenCode, OpenReference, ValidationOptions } from '../model.ts'
import { expressionOf, type Place } from './place.ts'
import type { Registry } from './registry.ts'

/** After as many the rest is not told: a hostile body must not earn an answer of a million issues. */
const mostIssues = 500

/** The resources around a value: `%resource`, `%rootResource`, and the Bundle with the entry that holds it. */
export type Scope = {
  readonly resource: JsonObject
  readonly root: JsonObject
  readonly bundle?: JsonObject
  readonly fullUrl?: string
}

export class Run {
  readonly issues: Issue[] = []
  readonly codes: OpenCode[] = []
  readonly references: OpenReference[] = []
  readonly registry: Registry
  readonly options: ValidationOptions
  /** False when the structure is broken: then values may have any shape. */
  readonly sound: boolean
  scope: Scope
  /** Profiles that are being held against resources, so that references in a circle come to an end. */
  readonly held: Map<JsonObject, Set<string>>

  constructor(
    registry: Registry,
    options: ValidationOptions,
    scope: Scope,
    sound: boolean,
    held: Map<JsonObject, Set<string>> = new Map(),
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

  /** Errors are kept when warnings have filled the list. */
  add(found: Issue): void {
    if (this.issues.length < mostIssues) this.issues.push(found)
    else if (this.issues.length === mostIssues)
      this.issues.push({
        severity: 'error',
        code: 'too-costly',
        diagnostics: `There are more issues than these ${mostIssues}; correct them first.`,
      })
  }

  get hasErrors(): boolean {
    return this.issues.some(({ severity }) => severity === 'error' || severity === 'fatal')
  }
}

/** Judges one value; `sibling` has the id and extensions of a primitive. */
export type Check = (value: unknown, sibling: JsonObject | undefined, place: Place, run: Run) => void
