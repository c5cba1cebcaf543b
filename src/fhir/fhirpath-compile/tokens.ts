/** Cuts FHIRPath into tokens, in linear time: http://hl7.org/fhirpath/N1/#lexical-elements */

/** `text` of quoted kinds is without its quotes and escapes; of a date or time without the `@`. */
export type Token = {
  readonly kind:
    | 'name'
    | 'quoted'
    | 'text'
    | 'number'
    | 'long'
    | 'temporal'
    | 'constant'
    | 'variable'
    | 'sign'
  readonly text: string
}

const skipped = /(?:[ \t\r\n]+|\/\/[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)*/y
const name = /[A-Za-z_][A-Za-z0-9_]*/y
const number = /\d+(?:\.\d+)?/y
const longNumber = /\d+L/y
const temporal =
  /@(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)/y
const variable = /\$(?:this|index|total)\b/y
const sign = /<=|>=|!=|!~|[=~<>|+\-*/&.,()[\]{}]/y
const text = /'(?:[^'\\]|\\[\s\S])*'/y
const quoted = /`(?:[^`\\]|\\[\s\S])*`/y

const escapes: Readonly<Record<string, string>> = { f: '\f', n: '\n', r: '\r', t: '\t' }

const plain = (body: string): string =>
  body.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  )

/** More than any published expression has tenfold: the closures of a chain are as deep as it is long. */
const mostTokens = 5_000

/** Throws SyntaxError where nothing fits, and for what is endless. */
export const tokenize = (source: string): readonly Token[] => {
  const tokens: Token[] = []
  let at = 0
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at
    const found = form.exec(source)?.[0]
    if (found) at += found.length
    return found
  }
  const next = (): Token => {
    const word = take(name)
    if (word !== undefined) return { kind: 'name', text: word }
    const string = take(text)
    if (string !== undefined) return { kind: 'text', text: plain(string.slice(1, -1)) }
    const ticks = take(quoted)
    if (ticks !== undefined) return { kind: 'quoted', text: plain(ticks.slice(1, -1)) }
    const moment = take(temporal)
    if (moment !== undefined) return { kind: 'temporal', text: moment.slice(1) }
    const long = take(longNumber)
    if (long !== undefined) return { kind: 'long', text: long.slice(0, -1) }
    const digits = take(number)
    if (digits !== undefined) return { kind: 'number', text: digits }
    const special = take(variable)
    if (special !== undefined) return { kind: 'variable', text: special.slice(1) }
    if (source[at] === '%') return constant()
    const mark = take(sign)
    if (mark !== undefined) return { kind: 'sign', text: mark }
    throw new SyntaxError(`The FHIRPath cannot be read from character ${at + 1} on.`)
  }
  const constant = (): Token => {
    at++
    const { kind, text: named } = next()
    if (kind !== 'name' && kind !== 'quoted' && kind !== 'text')
      throw new SyntaxError('A % needs a name after it.')
    return { kind: 'constant', text: named }
  }
  for (;;) {
    take(skipped)
    if (at >= source.length) return tokens
    if (tokens.length >= mostTokens) throw new SyntaxError('The FHIRPath is too long; write a shorter one.')
    tokens.push(next())
  }
}
