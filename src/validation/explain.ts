/** Says everything that is wrong with a resource's structure, and where: http://hl7.org/fhir/R4/json.html */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions, ElementDefinition, TypeDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'
import { type Primitive, primitives } from './primitives.ts'
import { below, belowUnknown, describe, several, unknownMember, unknownType } from './wording.ts'

/** After as many the rest is not looked at: a hostile body must not earn an answer of a million issues. */
const mostIssues = 500

/**
 * The slow twin of the compiled count, for resources that it refused: no issue means that it would not have.
 * Issues carry FHIRPath (`Patient.name[0].family`) and never values.
 */
export const createExplain = (definitions: Definitions): ((value: JsonValue) => readonly Issue[]) => {
  const tables = tablesOf(definitions)
  return (value) => {
    const walk = new Walk(tables)
    walk.resource(value, undefined, false)
    return walk.issues
  }
}

type Tables = {
  readonly types: ReadonlyMap<string, TypeDefinition>
  readonly resources: ReadonlyMap<string, TypeDefinition>
}

const tablesOf = ({ types }: Definitions): Tables => ({
  types,
  resources: new Map([...types].filter(([, type]) => type.kind === 'resource' && !type.abstract)),
})

class Walk {
  readonly issues: Issue[] = []
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  /** Without a path it is the outermost, whose path is its type. */
  resource(value: JsonValue, path: string | undefined, contained: boolean): void {
    const name = isObject(value) ? value.resourceType : undefined
    const type = typeof name === 'string' ? this.#tables.resources.get(name) : undefined
    if (type) this.#object(value, type, path ?? type.name, contained)
    else if (!isObject(value))
      this.#report('structure', 'json-type', path, `must be a resource, not ${describe(value)}.`)
    else if (name === undefined)
      this.#report(
        'required',
        'resource-type',
        path,
        'has no "resourceType"; say which type of resource it is.',
      )
    else
      this.#report('structure', 'resource-type', path, unknownType(name, [...this.#tables.resources.keys()]))
  }

  #object(value: JsonValue, type: TypeDefinition, path: string, contained: boolean): void {
    if (!isObject(value)) {
      this.#report('structure', 'json-type', path, `must be a JSON object, not ${describe(value)}.`)
      return
    }
    const names = Object.keys(value)
    if (names.length === 0) this.#report('structure', 'ele-1', path, 'is empty; fill it or leave it out.')
    for (const name of names) {
      if (this.#isFull()) return
      if (name !== 'resourceType' || type.kind !== 'resource')
        this.#member(value, name, type, path, contained)
    }
    this.#mandatory(value, type, path)
    this.#choices(value, type, path)
  }

  #member(owner: JsonObject, name: string, type: TypeDefinition, path: string, contained: boolean): void {
    const element = type.elements.get(name)
    const base = name.startsWith('_') ? type.elements.get(name.slice(1)) : undefined
    if (element && contained && name === 'contained')
      this.#report(
        'structure',
        'dom-2',
        below(path, element),
        'stands in a contained resource; move it one level up.',
      )
    else if (element) this.#element(owner, element, below(path, element))
    else if (base?.sibling) this.#sibling(owner, base, below(path, base))
    else this.#report('structure', 'member-unknown', belowUnknown(path, name), unknownMember(name, type))
  }

  #element(owner: JsonObject, element: ElementDefinition, path: string): void {
    const value = owner[element.name] as JsonValue
    const siblings = element.sibling ? owner[`_${element.name}`] : undefined
    if (!element.array) this.#value(value, element, path)
    else if (siblings !== undefined) this.#paired(value, siblings, element, path)
    else this.#each(value, element, path, (item, itemPath) => this.#value(item, element, itemPath))
  }

  #value(value: JsonValue, element: ElementDefinition, path: string): void {
    const primitive = primitives[element.type]
    if (primitive) this.#primitive(value, primitive, path)
    else if (element.type === 'Resource') this.resource(value, path, element.name === 'contained')
    else this.#object(value, this.#type(element.type), path, false)
  }

  #type(name: string): TypeDefinition {
    const type = this.#tables.types.get(name)
    if (!type) throw new Error(`the definitions use the type ${name} and do not define it`)
    return type
  }

  #primitive(value: JsonValue, { json, expected, accepts }: Primitive, path: string): void {
    if (accepts(value)) return
    if (typeof value === json) this.#report('value', 'form', path, `must be ${expected}.`)
    else
      this.#report(
        'structure',
        'json-type',
        path,
        `must be a JSON ${json} (${expected}), not ${describe(value)}.`,
      )
  }

  /** A value may be null where its extensions are not: http://hl7.org/fhir/R4/json.html#primitive */
  #paired(values: JsonValue, siblings: JsonValue, element: ElementDefinition, path: string): void {
    const others = Array.isArray(siblings) ? siblings : []
    this.#each(values, element, path, (value, itemPath, index) => {
      if (value !== null) this.#value(value, element, itemPath)
      else if (others[index] === null)
        this.#report('structure', 'ele-1', itemPath, 'is null and has no extension; leave it out.')
    })
    if (Array.isArray(values) && values.length !== others.length)
      this.#report(
        'structure',
        'json-pairs',
        path,
        `must be as long as "_${element.name}"; fill up with null.`,
      )
  }

  /** `_name`, the id and extensions of primitive values. */
  #sibling(owner: JsonObject, element: ElementDefinition, path: string): void {
    const value = owner[`_${element.name}`] as JsonValue
    const type = this.#type('Element')
    const alone = owner[element.name] === undefined
    if (!element.array) this.#object(value, type, path, false)
    else
      this.#each(value, element, path, (item, itemPath) => {
        if (item !== null) this.#object(item, type, itemPath, false)
        else if (alone)
          this.#report('structure', 'ele-1', itemPath, 'is null and has no value; leave it out.')
      })
  }

  #each(
    value: JsonValue,
    { min, max }: ElementDefinition,
    path: string,
    visit: (item: JsonValue, path: string, index: number) => void,
  ): void {
    if (!Array.isArray(value)) {
      this.#report(
        'structure',
        'json-type',
        path,
        `may repeat, so it must be a JSON array, not ${describe(value)}.`,
      )
      return
    }
    if (value.length === 0)
      this.#report('structure', 'ele-1', path, 'is an empty array; fill it or leave it out.')
    else if (value.length < min) this.#report('required', 'min', path, `must be there at least ${min} times.`)
    if (value.length > max) this.#report('structure', 'max', path, `may be there at most ${max} times.`)
    for (const [index, item] of value.entries()) {
      if (this.#isFull()) return
      visit(item, `${path}[${index}]`, index)
    }
  }

  #mandatory(owner: JsonObject, type: TypeDefinition, path: string): void {
    for (const element of type.elements.values())
      if (element.min > 0 && !isPresent(owner, element))
        this.#report('required', 'min', below(path, element), `is missing; ${type.name} must have it.`)
  }

  #choices(owner: JsonObject, type: TypeDefinition, path: string): void {
    for (const { name, min, members } of type.choices) {
      const present = members.filter((member) => isPresent(owner, type.elements.get(member)))
      if (present.length > 1)
        this.#report(
          'structure',
          'choice',
          `${path}.${name}`,
          `may be only one of ${several(present)}; keep one.`,
        )
      if (present.length < min)
        this.#report('required', 'min', `${path}.${name}`, `is missing; give one of ${several(members)}.`)
    }
  }

  #isFull(): boolean {
    return this.issues.length > mostIssues
  }

  #report(
    code: 'structure' | 'required' | 'value',
    rule: string,
    path: string | undefined,
    sentence: string,
  ): void {
    if (this.issues.length < mostIssues)
      this.issues.push(
        path === undefined
          ? { ...issue(code, `The resource ${sentence}`), rule }
          : { ...issue(code, `${path} ${sentence}`, path), rule },
      )
    else if (!this.#isFull())
      this.issues.push(
        issue('structure', `There are more issues than these ${mostIssues}; correct them first.`),
      )
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** By its value or, for a primitive, by its extensions. */
const isPresent = (owner: JsonObject, element: ElementDefinition | undefined): boolean =>
  element !== undefined &&
  (Object.hasOwn(owner, element.name) || (element.sibling && Object.hasOwn(owner, `_${element.name}`)))
