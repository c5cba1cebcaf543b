/** What FHIRPath is evaluated over: values with their types (http://hl7.org/fhirpath/N1/#types-and-reflection). */
import type { Definitions, ElementDefinition, TypeDefinition } from '../definitions/model.ts'

/** A value in a collection. `extra` is the `_name` sibling of a primitive: its id and extensions. */
export class Item {
  readonly value: unknown
  readonly type: Type
  readonly extra: unknown

  constructor(value: unknown, type: Type, extra?: unknown) {
    this.value = value
    this.type = type
    this.extra = extra
  }
}

export type Items = readonly Item[]

/** One JSON member that a path step reads. */
export type Member = {
  readonly json: string
  readonly sibling: string | undefined
  /** Undefined for a resource, whose type it says itself. */
  readonly type: Type | undefined
}

const none: readonly Member[] = []

/** A type of FHIR or of System. What it has as members is worked out when first asked. */
export class Type {
  readonly name: string
  readonly namespace: 'FHIR' | 'System'
  readonly isPrimitive: boolean
  readonly base: Type | undefined
  readonly #members = new Map<string, readonly Member[]>()
  readonly #table: Types
  readonly #definition: TypeDefinition | undefined
  #byJson: ReadonlyMap<string, Member> | undefined

  constructor(table: Types, name: string, definition?: TypeDefinition) {
    this.#table = table
    this.name = name
    this.#definition = definition
    this.namespace = definition ? 'FHIR' : 'System'
    this.isPrimitive = !definition || definition.kind === 'primitive'
    this.base = definition?.base === undefined ? undefined : table.get(definition.base)
  }

  isA(other: Type): boolean {
    for (let type: Type | undefined = this; type; type = type.base) if (type === other) return true
    return false
  }

  /** A choice has one for each of its types; empty for what the type does not have. */
  members(name: string): readonly Member[] {
    const known = this.#members.get(name)
    if (known) return known
    const made = this.#find(name)
    this.#members.set(name, made)
    return made
  }

  /** By JSON member name, `valueQuantity`, for those who go through everything that is there. */
  get byJson(): ReadonlyMap<string, Member> {
    this.#byJson ??= new Map(
      [...(this.#definition?.elements.values() ?? [])].map((element) => [
        element.name,
        this.#member(element),
      ]),
    )
    return this.#byJson
  }

  /** `valueQuantity` is no name in FHIRPath: only `value` is. */
  #find(name: string): readonly Member[] {
    const definition = this.#definition
    if (!definition) return none
    const choice = definition.choices.find((candidate) => candidate.name === name)
    const names = choice ? choice.members : [name]
    return names.flatMap((json) => {
      const element = definition.elements.get(json)
      if (!element || (!choice && element.path.endsWith('[x]'))) return []
      return [this.#member(element)]
    })
  }

  #member(element: ElementDefinition): Member {
    const type = element.type === 'Resource' ? undefined : this.#table.get(element.type)
    return { json: element.name, sibling: element.sibling ? `_${element.name}` : undefined, type }
  }
}

/** The types of the definitions and of System, each one object. */
export class Types {
  readonly #definitions: Definitions
  readonly #fhir = new Map<string, Type>()
  readonly #system = new Map<string, Type>()

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  /** A type of FHIR: `Patient`, `Patient.contact`, `string`. */
  get(name: string): Type | undefined {
    const known = this.#fhir.get(name)
    if (known) return known
    const definition = this.#definitions.types.get(name)
    if (!definition) return undefined
    const type = new Type(this, name, definition)
    this.#fhir.set(name, type)
    return type
  }

  system(name: string): Type {
    let type = this.#system.get(name)
    if (!type) {
      type = new Type(this, name)
      this.#system.set(name, type)
    }
    return type
  }

  /** A resource as its `resourceType` says; undefined when no type is known. */
  resource(value: unknown): Item | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const name = (value as { resourceType?: unknown }).resourceType
    const type = typeof name === 'string' ? this.get(name) : undefined
    return type && new Item(value, type)
  }
}
