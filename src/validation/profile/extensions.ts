/** Extensions against their definitions: http://hl7.org/fhir/R4/extensibility.html */
import type { StructureDefinition } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { contextRule } from './extension-context.ts'
import type { Check, Judgement, Profile } from './kinds.ts'
import type { Place } from './place.ts'
import { isPlain } from './values.ts'

/** One for `extension`, one for `modifierExtension`. */
export const extensionCheck = (modifier: boolean): Check => {
  return (value, sibling, place, run) => {
    if (!isPlain(value)) return
    run.registry.typeCheck('Extension')(value, sibling, place, run)
    shape(value, place, run)
    const url = value.url
    if (typeof url !== 'string') return
    if (!url.includes(':')) nested(url, place, run, modifier)
    else known(url, value, place, run, modifier)
  }
}

/** ext-1: either a value or extensions. */
const shape = (value: JsonObject, place: Place, run: Judgement): void => {
  let hasValue = false
  for (const name in value)
    if (name.startsWith('value') || name.startsWith('_value')) {
      hasValue = true
      break
    }
  if (hasValue === (value.extension !== undefined))
    run.error(
      'invariant',
      'ext-1',
      place,
      hasValue
        ? 'has both a value and extensions; keep one.'
        : 'has neither a value nor extensions; give it one.',
    )
}

/** A relative url has a meaning only within another extension. */
const nested = (url: string, place: Place, run: Judgement, modifier: boolean): void => {
  if (modifier || place.up?.type !== 'Extension')
    run.error(
      'extension',
      'extension-url',
      place,
      `has the url ${shortened(url)}; it must be absolute where it stands.`,
    )
}

const known = (url: string, value: JsonObject, place: Place, run: Judgement, modifier: boolean): void => {
  if (url.includes('|')) {
    run.error(
      'extension',
      'extension-version',
      place,
      'has a url with a version; write the url without |version.',
    )
    return
  }
  const profile = run.registry.profile(url)
  if (profile?.type !== 'Extension') {
    unknown(url, place, run, modifier)
    return
  }
  const { definition } = profile.tree
  profile.check(value, undefined, place, run)
  innerUrls(profile, value, place, run)
  modifies(definition, place, run, modifier)
  contextRule(definition, value, place, run)
}

const unknown = (url: string, place: Place, run: Judgement, modifier: boolean): void => {
  const sentence = `is the extension ${shortened(url)}, whose definition is not loaded`
  if (modifier)
    run.error('extension', 'extension-unknown', place, `${sentence}; an unknown modifier cannot be accepted.`)
  else if (run.options.mode === 'strict') run.warn('extension', 'extension-unknown', place, `${sentence}.`)
  else run.report('information', 'extension', 'extension-unknown', place, `${sentence}.`)
}

/** Inside a known extension only those that its definition names. */
const innerUrls = ({ tree }: Profile, value: JsonObject, place: Place, run: Judgement): void => {
  if (!Array.isArray(value.extension)) return
  const slices = tree.root.children.get('extension')?.slices ?? []
  if (slices.length === 0) return
  const urls = new Set(
    slices.map((slice) => slice.children.get('url')?.def.fixedUri ?? slice.def.type?.[0]?.profile?.[0]),
  )
  for (const [index, inner] of value.extension.entries())
    if (isPlain(inner) && typeof inner.url === 'string' && !inner.url.includes(':') && !urls.has(inner.url))
      run.error(
        'extension',
        'extension-inner',
        { up: place, name: 'extension', index, type: 'Extension' },
        `has the url ${shortened(inner.url)}, which ${tree.url} does not define; it defines ${[...urls].join(', ')}.`,
      )
}

const modifies = (definition: StructureDefinition, place: Place, run: Judgement, modifier: boolean): void => {
  const root = definition.snapshot?.element[0] ?? definition.differential?.element[0]
  if ((root?.isModifier === true) === modifier) return
  run.error(
    'extension',
    'extension-modifier',
    place,
    modifier
      ? `is the extension ${definition.url}, which modifies nothing; write it as "extension".`
      : `is the extension ${definition.url}, which modifies; write it as "modifierExtension".`,
  )
}

const shortened = (url: string): string => (url.length > 200 ? `${url.slice(0, 200)}…` : url)
