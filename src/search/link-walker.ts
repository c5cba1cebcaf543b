/** Finds the references that a parameter selects in a resource, for `_include`: http://hl7.org/fhir/R4/search.html#revinclude */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import { compileItems, selected } from './items.ts'
import { inlined, link, reference, referenceWriters, refersTo } from './params/reference.ts'

/** A resource of this server; `version` when the reference names one. */
export type Target = { readonly type: string; readonly id: string; readonly version?: number }

export type LinkWalkers = {
  /** The resources of this server, and the canonical URLs, that a reference parameter selects, each once. */
  links(
    type: string,
    parameter: SearchParameterDefinition,
    resource: JsonObject,
    base: string,
  ): { readonly targets: readonly Target[]; readonly canonicals: readonly string[] }
}

type Walk = (resource: JsonObject, base: string, out: string[]) => void

const runtime = { inlined, link, reference, refersTo, selected }

/** Compiles a walker when a parameter is first followed. */
export const createLinkWalkers = (definitions: Definitions): LinkWalkers => {
  const made = new Map<string, Walk>()
  const walkOf = (type: string, parameter: SearchParameterDefinition): Walk => {
    const key = `${type}.${parameter.code}`
    const known = made.get(key)
    if (known) return known
    const walk = compile(definitions, type, parameter)
    made.set(key, walk)
    return walk
  }
  return {
    links: (type, parameter, resource, base) => {
      const out: string[] = []
      walkOf(type, parameter)(resource, base, out)
      return sort(new Set(out))
    },
  }
}

const compile = (definitions: Definitions, type: string, parameter: SearchParameterDefinition): Walk => {
  const code = compileItems(definitions, type, parameter, (item) => {
    const writer = referenceWriters[item.type]
    return writer === undefined ? '' : `${writer}(out, '', ${item.code}, base);`
  })
  // Source made of definitions only: every text in it went through JSON.stringify.
  const make = new Function(
    'runtime',
    `const { ${Object.keys(runtime).join(', ')} } = runtime
    return (resource, base, out) => { ${code} }`,
  ) as (runtime: object) => Walk
  return make(runtime)
}

const local = /^([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([1-9]\d{0,8}))?$/

/** A versioned reference is written twice, with and without its version: the version is the one that is meant. */
const sort = (texts: ReadonlySet<string>): ReturnType<LinkWalkers['links']> => {
  const targets: Target[] = []
  const canonicals: string[] = []
  const versioned = new Set([...texts].flatMap((text) => /^(.*)\/_history\//.exec(text)?.[1] ?? []))
  for (const text of texts) {
    const [, type = '', id = '', version] = local.exec(text) ?? []
    if (!isResourceType(type)) canonicals.push(text)
    else if (version !== undefined) targets.push({ type, id, version: Number(version) })
    else if (!versioned.has(text)) targets.push({ type, id })
  }
  return { targets, canonicals }
}
