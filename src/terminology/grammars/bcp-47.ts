/** Language tags, their subtags as registered: https://www.rfc-editor.org/rfc/rfc5646 */
import { createRequire } from 'node:module'
import { remembered } from '../../base/remembered.ts'
import type { Concept, GrammarSystem } from '../system.ts'
import { bare } from './bare.ts'

const require = createRequire(import.meta.url)

type Table = Readonly<Record<string, number>>
type Registry = {
  readonly language: Table
  readonly extlang: Table
  readonly script: Table
  readonly region: Table
  readonly variant: Table
  readonly grandfathered: Table
}

let loaded: Registry | undefined

/** Read when the first tag is judged: 10 ms that not every start needs. */
const registry = (): Registry => {
  loaded ??= {
    language: require('language-subtag-registry/data/json/language.json'),
    extlang: require('language-subtag-registry/data/json/extlang.json'),
    script: require('language-subtag-registry/data/json/script.json'),
    region: require('language-subtag-registry/data/json/region.json'),
    variant: require('language-subtag-registry/data/json/variant.json'),
    grandfathered: require('language-subtag-registry/data/json/grandfathered.json'),
  }
  return loaded
}

const isPrivate = {
  language: (tag: string): boolean => /^q[a-t][a-z]$/.test(tag),
  script: (tag: string): boolean => /^qa(a[a-z]|b[a-x])$/.test(tag),
  region: (tag: string): boolean => /^(q[m-z]|x[a-z])$/.test(tag),
}

const form =
  /^([a-z]{2,3})((?:-[a-z]{3}){0,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?((?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)((?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*)(?:-x(?:-[a-z0-9]{1,8})+)?$/

const parts = (text: string | undefined): string[] => (text ?? '').split('-').filter(Boolean)

/** What is wrong with a tag in lower case; undefined when it is right. */
const fault = (tag: string): string | undefined => {
  const { language, extlang, script, region, variant, grandfathered } = registry()
  if (Object.hasOwn(grandfathered, tag) || /^x(-[a-z0-9]{1,8})+$/.test(tag)) return undefined
  const found = form.exec(tag)
  if (!found) return 'it has not the form language-Script-REGION'
  const [, main = '', extended, writing, place, variants, extensions] = found
  if (!Object.hasOwn(language, main) && !isPrivate.language(main))
    return `the language "${main}" is not registered`
  for (const one of parts(extended))
    if (!Object.hasOwn(extlang, one)) return `the extended language "${one}" is not registered`
  if (writing !== undefined && !Object.hasOwn(script, writing) && !isPrivate.script(writing))
    return `the script "${writing}" is not registered`
  if (place !== undefined && !Object.hasOwn(region, place) && !isPrivate.region(place))
    return `the region "${place}" is not registered`
  const all = parts(variants)
  for (const one of all) if (!Object.hasOwn(variant, one)) return `the variant "${one}" is not registered`
  if (new Set(all).size < all.length) return 'it has a variant twice'
  const singletons = parts(extensions).filter((one) => one.length === 1)
  return new Set(singletons).size < singletons.length ? 'it has an extension twice' : undefined
}

const names = new Intl.DisplayNames('en', { type: 'language' })

const displayOf = (tag: string): string | undefined => {
  try {
    return names.of(tag)
  } catch {
    return undefined
  }
}

const judge = (code: string): Concept | string => {
  const wrong = code.length > 100 ? 'it is too long' : fault(code.toLowerCase())
  return wrong === undefined ? bare(code, displayOf(code)) : `"${code}" is not a language tag: ${wrong}.`
}

export const bcp47: GrammarSystem = {
  kind: 'grammar',
  url: 'urn:ietf:bcp:47',
  name: 'BCP 47',
  find: remembered(judge, { most: 5000, longest: 200 }),
}
