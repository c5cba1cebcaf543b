/** Takes a batch or transaction Bundle apart as text (http://hl7.org/fhir/R4/bundle.html), so that each resource is parsed when its turn comes. */
import { tooLarge } from '../../base/problem.ts'
import { compact, defaultDepth } from './compact.ts'
import { invalidAt } from './position.ts'
import {
  type ChangeText,
  type JsonLimits,
  type JsonText,
  openingBrace,
  parseCompact,
  refuseIllFormed,
} from './read.ts'
import { skipSpace } from './scan.ts'
import { syntaxProblem } from './syntax.ts'
import type { JsonObject } from './value.ts'
import { walkArray, walkObject } from './walk.ts'

/** `entries`: how many a Bundle may have. `depth` counts from the Bundle's and from each resource's own outermost object. */
export type BundleLimits = JsonLimits & { readonly entries?: number }

/**
 * A resource as it stands in a Bundle: text, not yet parsed. `parse` reads it as `change` leaves it, and throws 400 with
 * the place in the whole body. What is read is new each time, and kept by nobody.
 */
export type EntryResource = { readonly text: string; parse(change?: ChangeText): JsonText }

/** `shell` is the entry without its resource; `shellMembers` counts the members in the shell's text. */
export type BundleEntry = {
  readonly shell: JsonObject
  readonly shellMembers: number
  readonly resource?: EntryResource
}

/** `shell` is the Bundle without its entries. */
export type SplitBundle = {
  readonly shell: JsonObject
  readonly shellMembers: number
  readonly entries: readonly BundleEntry[]
}

/** One object without one of its members: that one is handed to `take`, the others are parsed. */
type Opened = { readonly shell: JsonObject; readonly shellMembers: number; readonly end: number }

const openWithout = (
  text: string,
  open: number,
  depth: number,
  member: string,
  take: (at: number) => number,
): Opened => {
  const kept: string[] = []
  let shellMembers = 0
  let taken = false
  const end = walkObject(text, open, (name, nameAt, valueAt) => {
    if (name === member) {
      if (taken) throw invalidAt(text, nameAt, `the member "${member}" is repeated; send it once.`)
      taken = true
      return take(valueAt)
    }
    const value = compact(text, valueAt, depth)
    kept.push(`${JSON.stringify(name)}:${value.text}`)
    shellMembers += 1 + value.members
    return value.end
  })
  return { shell: parseCompact(`{${kept.join(',')}}`, text), shellMembers, end }
}

/**
 * Splits the text of a Bundle in one scan, any whitespace allowed. Throws Problem 400 with line and column for an
 * `entry` that is no array, entries and resources that are no objects, and `entry` or `resource` given twice; 413 for
 * too many entries. Mistakes inside of a resource show when it is parsed.
 */
export const splitBundle = (text: string, limits: BundleLimits = {}): SplitBundle => {
  const open = openingBrace(text)
  refuseIllFormed(text)
  const depth = limits.depth ?? defaultDepth
  const most = limits.entries ?? Number.POSITIVE_INFINITY
  const entries: BundleEntry[] = []

  const addEntry = (at: number): number => {
    if (text.charCodeAt(at) !== 123) throw invalidAt(text, at, 'an entry of a Bundle must be an object.')
    if (entries.length >= most) throw tooLarge(`The Bundle has more than ${most} entries; send it in parts.`)
    let resource: EntryResource | undefined
    const entry = openWithout(text, at, depth, 'resource', (resourceAt) => {
      if (text.charCodeAt(resourceAt) !== 123) {
        throw invalidAt(text, resourceAt, 'the resource of an entry must be an object.')
      }
      const compacted = compact(text, resourceAt, depth)
      resource = entryResource(compacted.text, compacted.members, text)
      return compacted.end
    })
    const { shell, shellMembers, end } = entry
    entries.push(resource ? { shell, shellMembers, resource } : { shell, shellMembers })
    return end
  }

  const bundle = openWithout(text, open, depth, 'entry', (at) => {
    if (text.charCodeAt(at) !== 91) throw invalidAt(text, at, 'the entries of a Bundle must be an array.')
    return walkArray(text, at, addEntry)
  })
  if (skipSpace(text, bundle.end) < text.length) throw syntaxProblem(text)
  return { shell: bundle.shell, shellMembers: bundle.shellMembers, entries }
}

const entryResource = (text: string, members: number, original: string): EntryResource => ({
  text,
  parse: (change) => {
    const changed = change ? change(text, () => parseCompact(text, original)) : text
    return { text: changed, members, value: parseCompact(changed, original) }
  },
})
