/** Condenses one StructureDefinition's snapshot to the types in it: http://hl7.org/fhir/R4/structuredefinition.html */
import type { CompactType } from './compact.ts'
import type { ChoiceDefinition, ElementDefinition, TypeDefinition } from './model.ts'
import type { SnapshotElement, SnapshotType, StructureDefinition } from './sources.ts'

const system = 'http://hl7.org/fhirpath/System.'
const fhirType = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'
const regex = 'http://hl7.org/fhir/StructureDefinition/regex'

/** The type itself and one for each inline element with children (`Patient.contact`). */
export const condenseType = (definition: StructureDefinition): readonly CompactType[] => {
  const children = Map.groupBy(definition.snapshot.element.slice(1), (element) => parent(element.path))
  const inner = [...children.keys()].filter((path) => path !== definition.type)
  return [
    {
      ...head(definition),
      ...members(children.get(definition.type) ?? [], children),
      ...(definition.kind === 'primitive-type' ? primitive(definition) : {}),
    },
    ...inner.map((path) => ({
      name: path,
      kind: 'backbone' as const,
      abstract: false,
      base: inlineBase(definition, path),
      ...members(children.get(path) ?? [], children),
    })),
  ]
}

const parent = (path: string): string => path.slice(0, path.lastIndexOf('.'))
const last = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const lastSegment = (url: string): string => url.slice(url.lastIndexOf('/') + 1)

const kinds = {
  'primitive-type': 'primitive',
  'complex-type': 'complex',
  resource: 'resource',
} as const

const head = ({ type, kind, abstract, baseDefinition }: StructureDefinition) => ({
  name: type,
  kind: kinds[kind],
  abstract,
  ...(baseDefinition === undefined ? {} : { base: lastSegment(baseDefinition) }),
})

/** `BackboneElement`, or `Element` inside of data types. */
const inlineBase = (definition: StructureDefinition, path: string): string =>
  definition.snapshot.element.find((element) => element.path === path)?.type?.[0]?.code ?? 'Element'

const jsonTypes: Readonly<Record<string, NonNullable<TypeDefinition['json']>>> = {
  boolean: 'boolean',
  integer: 'number',
  positiveInt: 'number',
  unsignedInt: 'number',
  decimal: 'number',
}

/** The expression stands on the type of `<primitive>.value`; xhtml has none. */
const primitive = ({
  type,
  snapshot,
}: StructureDefinition): { json: 'string' | 'number' | 'boolean'; pattern?: string } => {
  const value = snapshot.element.find((element) => element.path === `${type}.value`)
  const pattern = extension(value?.type?.[0], regex)
  return {
    json: jsonTypes[type] ?? 'string',
    ...(pattern === undefined ? {} : { pattern: `^(?:${pattern})$` }),
  }
}

const extension = (type: SnapshotType | undefined, url: string): string | undefined => {
  const found = type?.extension?.find((candidate) => candidate.url === url)
  return found?.valueString ?? found?.valueUrl
}

type Children = ReadonlyMap<string, readonly SnapshotElement[]>

const members = (
  elements: readonly SnapshotElement[],
  children: Children,
): { elements: ElementDefinition[]; choices: ChoiceDefinition[] } => {
  const made: ElementDefinition[] = []
  const choices: ChoiceDefinition[] = []
  for (const element of elements) {
    if (isAbsent(element)) continue
    const types = element.type ?? [{ code: contentType(element) }]
    const some = types.map((type) => condenseElement(element, type, children))
    made.push(...some)
    if (isChoice(element))
      choices.push({ name: choiceName(element), min: element.min, members: some.map((e) => e.name) })
  }
  return { elements: made, choices }
}

/** The value of a primitive is the JSON value itself; `xhtml.extension` may not occur. */
const isAbsent = ({ path, max, type }: SnapshotElement): boolean =>
  max === '0' || (last(path) === 'value' && (type?.[0]?.code.startsWith(system) ?? false))

const isChoice = (element: SnapshotElement): boolean => element.path.endsWith('[x]')
const choiceName = (element: SnapshotElement): string => last(element.path).slice(0, -'[x]'.length)

/** `#Questionnaire.item` is the type made of the element of that path. */
const contentType = ({ path, contentReference }: SnapshotElement): string => {
  if (contentReference === undefined) throw new Error(`${path} has neither a type nor a contentReference`)
  return contentReference.slice(contentReference.indexOf('#') + 1)
}

const condenseElement = (
  element: SnapshotElement,
  type: SnapshotType,
  children: Children,
): ElementDefinition => {
  const name = typeName(element, type, children)
  const { strength, valueSet } = element.binding ?? {}
  return {
    name: isChoice(element) ? choiceName(element) + capital(name) : last(element.path),
    path: element.path,
    type: name,
    // The members of a choice are optional one by one: the minimum is the choice's.
    min: isChoice(element) ? 0 : element.min,
    max: element.max === '*' ? -1 : Number(element.max),
    array: (element.base?.max ?? element.max) !== '1',
    targets: targets(type),
    ...(strength === undefined || valueSet === undefined ? {} : { binding: { strength, valueSet } }),
    sibling: isPrimitive(name) && name !== 'xhtml' && !type.code.startsWith(system),
    summary: element.isSummary ?? false,
    modifier: element.isModifier ?? false,
  }
}

const capital = (name: string): string => name[0]?.toUpperCase() + name.slice(1)

/** In R4 primitive types, and only these, have a lower case name. */
const isPrimitive = (name: string): boolean => /^[a-z]/.test(name)

/** The names of http://hl7.org/fhirpath/System.String are told by an extension, that of `Resource.id` wrongly. */
const typeName = (element: SnapshotElement, type: SnapshotType, children: Children): string => {
  if (children.has(element.path)) return element.path
  if (!type.code.startsWith(system)) return type.code
  if (isResourceId(element)) return 'id'
  return extension(type, fhirType) ?? 'string'
}

/** http://hl7.org/fhir/R4/resource-definitions.html#Resource.id */
const isResourceId = (element: SnapshotElement): boolean =>
  element.base?.path === 'Resource.id' || element.path === 'Resource.id'

/** `Resource` as a target means any. */
const targets = (type: SnapshotType): readonly string[] => {
  const names = (type.targetProfile ?? []).map(lastSegment)
  return names.includes('Resource') ? [] : names
}
