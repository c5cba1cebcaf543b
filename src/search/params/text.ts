/** Texts: `_text`, `_content` and the modifier `:text` of tokens. http://hl7.org/fhir/R4/search.html#content, #modifiers */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { type Condition, every, some, type Word } from '../algebra.ts'
import type { Indexed } from '../extract.ts'
import { remembering } from '../remembered.ts'
import { unescapeValue } from '../values.ts'
import { plainText, wordsOf } from '../words.ts'
import type { Out, Restriction } from './token.ts'
import { readUriToken } from './uri-words.ts'

/*
 * A text is written as the token `Type.parameter~` and its words, folded: one token however many words it has. Which
 * tokens have a word stands in a table of all different texts, which is small, as displays and phrases repeat.
 */

type Members = { readonly [member: string]: JsonValue | undefined }

const generation = 8192
/** Two generations of what was folded lately: displays come again and again. */
let recent = new Map<string, string>()
let older = new Map<string, string>()

/** The words of a text, joined by spaces. */
export const joinedWords = (text: string): string => {
  const known = recent.get(text)
  if (known !== undefined) return known
  const made = older.get(text) ?? wordsOf(text).join(' ')
  if (text.length > 200) return made
  if (recent.size >= generation) {
    older = recent
    recent = new Map()
  }
  recent.set(text, made)
  return made
}

/** The token of a text; `prefix` is `Type.parameter|`. */
export const words = (out: Out, prefix: string, text: JsonValue | undefined): void => {
  if (typeof text !== 'string') return
  const token = knownToken('', prefix, text)
  if (token !== '') out.push(token)
}

/** Empty for a text without words. */
const knownToken = remembering((_, prefix, text) => {
  const all = joinedWords(text)
  return all === '' ? '' : `${prefix.slice(0, -1)}~${all}`
})

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The display of a Coding. */
export const codingText = (out: Out, prefix: string, value: Members): void =>
  words(out, prefix, value.display)

/** The text and the displays of a CodeableConcept. */
export const conceptText = (out: Out, prefix: string, value: Members): void => {
  words(out, prefix, value.text)
  if (Array.isArray(value.coding))
    for (const one of value.coding) if (isObject(one)) words(out, prefix, one.display)
}

/** The text of the type of an Identifier. */
export const identifierText = (out: Out, prefix: string, value: Members): void => {
  if (isObject(value.type)) words(out, prefix, value.type.text)
}

/** The narrative. */
export const narrative = (out: Out, prefix: string, value: Members): void => {
  if (typeof value.div === 'string') words(out, prefix, plainText(value.div))
}

/** Which of the functions above writes the texts of an element of a token parameter. */
export const textWriters: Readonly<Record<string, string>> = {
  Coding: 'codingText',
  CodeableConcept: 'conceptText',
  Identifier: 'identifierText',
}

/** Whether the values of a parameter have texts. */
export const hasTexts = ({ definition, types }: Indexed): boolean =>
  definition.type === 'token' && [...types].some((type) => textWriters[type] !== undefined)

/** The parameter and the words of the token of a text; undefined for other tokens. */
export const readTextToken = (
  token: string,
): { readonly parameter: string; readonly words: string } | undefined => {
  const tilde = token.indexOf('~')
  return tilde < 0 ? undefined : (knownText('', '', token) ?? undefined)
}

const knownText = remembering((_, __, token) => {
  const tilde = token.indexOf('~')
  if (token.lastIndexOf('|', tilde) >= 0) return null
  return { parameter: token.slice(0, tilde), words: token.slice(tilde + 1) }
})

/** The same for tokens whose words stand in the table of texts: URIs, by what is above them, too. */
export const readWordsToken = (token: string): ReturnType<typeof readTextToken> =>
  readTextToken(token) ?? readUriToken(token)

/** The condition of `:text`: all words of a value begin words of one text. */
export const restrictText = (name: string, parameter: string, values: readonly string[]): Restriction => {
  const alternatives: Condition[] = []
  for (const value of values) {
    const all = wordsOf(unescapeValue(value)).map((text): Word => ({ text, isBeginning: true }))
    if (all.length === 0) return { issue: needsWords(`${name}:text`) }
    alternatives.push({ kind: 'texts', parameters: [parameter], words: all })
  }
  return { condition: some(alternatives), locks: [] }
}

/** The condition of `_text` and `_content`: all words occur, those with a star as the beginning of a word. */
export const restrictContent = (
  name: string,
  parameters: readonly string[],
  values: readonly string[],
): Restriction => {
  const alternatives: Condition[] = []
  for (const value of values) {
    const found = readWords(unescapeValue(value))
    if (found.length === 0) return { issue: needsWords(name) }
    if (found.some(({ text, isBeginning }) => isBeginning && text.length < 3))
      return {
        issue: issue('value', `Before the star of "${name}" three letters are needed.`, `http.${name}`),
      }
    alternatives.push(every(found.map((word) => ({ kind: 'texts', parameters, words: [word] }))))
  }
  return { condition: some(alternatives), locks: [] }
}

const readWords = (value: string): readonly Word[] =>
  value.split(/\s+/).flatMap((part) => {
    const found = wordsOf(part)
    return found.map((text, n) => ({ text, isBeginning: part.endsWith('*') && n === found.length - 1 }))
  })

const needsWords = (name: string): Issue =>
  issue('value', `"${name}" needs at least one word.`, `http.${name}`)

/** Whether one text among the tokens has all the words. */
export const hasWords = (
  { parameters, words: wanted }: Condition & { readonly kind: 'texts' },
  tokens: readonly string[],
): boolean =>
  tokens.some((token) => {
    const text = readWordsToken(token)
    if (!text || !parameters.includes(text.parameter)) return false
    const there = text.words.split(' ')
    return wanted.every(({ text: word, isBeginning }) =>
      there.some((one) => (isBeginning ? one.startsWith(word) : one === word)),
    )
  })
