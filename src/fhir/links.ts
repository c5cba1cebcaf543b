/** Links inside of a resource: which there are, and their replacement in a transaction (http://hl7.org/fhir/R4/http.html#trules). */
import type { Definitions, TypeDefinition } from './definitions/model.ts'
import { stringEnd, valueEnd } from './json/scan.ts'
import type { JsonObject, JsonValue } from './json/value.ts'
import { stringAt, walkArray, walkObject } from './json/walk.ts'

/** What stands in place of a link; undefined leaves it. */
export type LinkTarget = (link: string) => string | undefined

/** `path` is the FHIRPath of the value: `Observation.performer[0].reference`. */
export type Link = { readonly reference: string; readonly path: string }

/** How a string begins that could be a link: absolute, or relative as `Binary/1`. Escapes are handled apart. */
const candidate = /"(?:urn:|https?:|[A-Z][A-Za-z]+[/?])/g

/**
 * Replaces the links of compact resource text for which `target` knows something else: Reference.reference, elements of
 * type uri, url, oid and uuid, href and src in narrative. Canonicals, ids and other strings stay, as does all other text.
 * `x#y` follows x and keeps its fragment; a version of something that gets a new identity is dropped, as it is not ours.
 * An http address in an element `system` or `url` of type uri is a name — of a code system, an extension, the resource
 * itself — and stays: a transaction that brings a CodeSystem along must not change the codes that use it. `value` tells
 * what the text says; it is asked only when links may stand elsewhere than in references.
 */
export const rewriteLinks = (
  definitions: Definitions,
  text: string,
  value: () => JsonObject,
  target: LinkTarget,
): string => {
  if (hasNarrativeLink(text)) return applyEdits(text, editsByType(definitions, text, value(), target))
  const edits: Edit[] = []
  candidate.lastIndex = 0
  while (candidate.test(text)) {
    const open = text.lastIndexOf('"', candidate.lastIndex - 1)
    if (isMember(text, open, systemMember) && text.startsWith('http', open + 1)) continue
    const to = text.indexOf('"', candidate.lastIndex)
    const replacement = resolve(text.slice(open + 1, to), target)
    if (replacement === undefined) continue
    if (!isMember(text, open, referenceMember))
      return applyEdits(text, editsByType(definitions, text, value(), target))
    edits.push({ from: open + 1, to, text: quoted(replacement) })
  }
  return applyEdits(text, edits)
}

type Edit = { readonly from: number; readonly to: number; readonly text: string }

/** Members of this name are Reference.reference or of type uri: links, whatever type they stand in. */
const referenceMember = '"reference":'
const systemMember = '"system":'

const isMember = (text: string, valueAt: number, member: string): boolean =>
  text.startsWith(member, valueAt - member.length)

/** Narrative with an attribute that may link, or an escape that may hide any of it. */
const hasNarrativeLink = (text: string): boolean =>
  text.includes('href') || text.includes('src=') || text.includes('\\u') || text.includes('\\/')

const quoted = (replacement: string): string => JSON.stringify(replacement).slice(1, -1)

const applyEdits = (text: string, edits: readonly Edit[]): string => {
  let out = ''
  let kept = 0
  for (const edit of edits) {
    out += text.slice(kept, edit.from) + edit.text
    kept = edit.to
  }
  return kept === 0 ? text : out + text.slice(kept)
}

const history = '/_history/'

/** The replacement of a link, or undefined when it stays. */
const resolve = (link: string, target: LinkTarget): string | undefined => {
  const whole = target(link)
  if (whole !== undefined) return whole === link ? undefined : whole
  const hash = link.indexOf('#')
  if (hash > 0) {
    const moved = resolve(link.slice(0, hash), target)
    return moved === undefined ? undefined : moved + link.slice(hash)
  }
  const version = link.indexOf(history)
  if (version <= 0) return undefined
  const unversioned = link.slice(0, version)
  const moved = target(unversioned)
  if (moved === undefined || moved === unversioned || unversioned.endsWith(`/${moved}`)) return undefined
  return moved
}

/** Whether an element of type uri names something instead of linking to it. */
const isName = (text: string, at: number): boolean =>
  text.startsWith('http', at + 1) && (isMember(text, at, systemMember) || isMember(text, at, '"url":'))

const linkTypes = new Set(['uri', 'url', 'oid', 'uuid'])

/** The edits found by walking the text along the definitions of its types, in the order of the text. */
const editsByType = (
  definitions: Definitions,
  text: string,
  value: JsonObject,
  target: LinkTarget,
): readonly Edit[] => {
  const edits: Edit[] = []

  const ofString = (at: number, type: string): number => {
    const to = stringEnd(text, at)
    if (type === 'uri' && isName(text, at)) return to
    if (type === 'xhtml') edits.push(...narrativeEdits(text, at, to, target))
    if (!linkTypes.has(type)) return to
    const replacement = resolve(stringAt(text, at, to), target)
    if (replacement !== undefined) edits.push({ from: at + 1, to: to - 1, text: quoted(replacement) })
    return to
  }
  const ofObject = (at: number, type: TypeDefinition | undefined, parsed: JsonValue | undefined): number =>
    walkObject(text, at, (name, _nameAt, valueAt) => {
      const child = memberType(type, name)
      if (child === undefined) return valueEnd(text, valueAt)
      return ofValue(valueAt, child, memberOf(parsed, name))
    })
  const ofValue = (at: number, type: string, parsed: JsonValue | undefined): number => {
    const c = text.charCodeAt(at)
    if (c === 34) return ofString(at, type)
    if (c === 123) return ofObject(at, typeOf(definitions, type, parsed), parsed)
    if (c !== 91) return valueEnd(text, at)
    let index = 0
    return walkArray(text, at, (elementAt) =>
      ofValue(elementAt, type, Array.isArray(parsed) ? parsed[index++] : undefined),
    )
  }

  ofObject(0, typeOf(definitions, 'Resource', value), value)
  return edits
}

/** Reference.reference is a string by definition and a link by meaning; `_name` is the Element beside a primitive. */
const memberType = (type: TypeDefinition | undefined, name: string): string | undefined => {
  if (type?.name === 'Reference' && name === 'reference') return 'uri'
  return type?.elements.get(name)?.type ?? (name.startsWith('_') ? 'Element' : undefined)
}

const memberOf = (parsed: JsonValue | undefined, name: string): JsonValue | undefined =>
  typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) && Object.hasOwn(parsed, name)
    ? parsed[name]
    : undefined

/** The definition of an object; a resource inside of another says itself what it is. */
const typeOf = (
  definitions: Definitions,
  type: string,
  parsed: JsonValue | undefined,
): TypeDefinition | undefined => {
  const definition = definitions.types.get(type)
  if (definition?.kind !== 'resource') return definition
  const own = memberOf(parsed, 'resourceType')
  return typeof own === 'string' ? definitions.types.get(own) : definition
}

/** In JSON text: the attribute up to its quotation mark, which is escaped if double, and the link. */
const attribute = /(<(?:a|img)\s(?:[^<>]*?\s)?(?:href|src)\s*=\s*(?:\\"|'))([^"'<>\\]*)/g
const attributeDecoded = /(<(?:a|img)\s(?:[^<>]*?\s)?(?:href|src)\s*=\s*["'])([^"'<>]*)/g

const narrativeEdits = (text: string, at: number, to: number, target: LinkTarget): readonly Edit[] => {
  const raw = text.slice(at, to)
  if (raw.includes('\\u') || raw.includes('\\/') || /\\[nrt]/.test(raw))
    return decodedEdit(text, at, to, target)
  const edits: Edit[] = []
  for (const found of raw.matchAll(attribute)) {
    const link = found[2]!
    const replacement = resolve(link.replaceAll('&amp;', '&'), target)
    if (replacement === undefined) continue
    const from = at + found.index + found[1]!.length
    edits.push({ from, to: from + link.length, text: quoted(attributeText(replacement)) })
  }
  return edits
}

/** Narrative with escapes that hide its tags is decoded, and written anew only when a link in it changes. */
const decodedEdit = (text: string, at: number, to: number, target: LinkTarget): readonly Edit[] => {
  const div = stringAt(text, at, to)
  const rewritten = div.replace(attributeDecoded, (whole, before: string, link: string) => {
    const replacement = resolve(link.replaceAll('&amp;', '&'), target)
    return replacement === undefined ? whole : before + attributeText(replacement)
  })
  return rewritten === div ? [] : [{ from: at + 1, to: to - 1, text: quoted(rewritten) }]
}

const attributeText = (link: string): string =>
  link.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')

/** All values of Reference.reference in a resource, contained resources included, in the order of its members. */
export const linksOf = (definitions: Definitions, value: JsonObject): readonly Link[] => {
  const links: Link[] = []
  const ofValue = (child: JsonValue, type: string, path: string): void => {
    if (Array.isArray(child)) {
      child.forEach((element, index) => {
        ofValue(element, type, `${path}[${index}]`)
      })
    } else if (typeof child === 'object' && child !== null) {
      ofObject(child, typeOf(definitions, type, child), path)
    }
  }
  const ofObject = (object: JsonObject, type: TypeDefinition | undefined, path: string): void => {
    for (const [name, child] of Object.entries(object)) {
      const element = type?.elements.get(name)
      if (type?.name === 'Reference' && name === 'reference' && typeof child === 'string') {
        links.push({ reference: child, path: `${path}.reference` })
      } else if (element) ofValue(child, element.type, `${path}.${pathStep(element.path)}`)
      else if (name.startsWith('_')) ofValue(child, 'Element', `${path}.${name.slice(1)}`)
    }
  }
  ofObject(value, typeOf(definitions, 'Resource', value), String(value.resourceType))
  return links
}

/** `value` of `Observation.value[x]`: FHIRPath names a choice without its type. */
const pathStep = (path: string): string => path.slice(path.lastIndexOf('.') + 1).replace('[x]', '')
