/** Reads the part of FHIRPath that search parameters use: http://hl7.org/fhirpath/N1/#expressions */

type Literal = string | number | boolean

/** `path` steps apply to what stands before them; a `name` at the start is a type or a member of the context. */
export type Expression =
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'child'; readonly of: Expression; readonly name: string }
  | { readonly op: 'index'; readonly of: Expression; readonly index: number }
  | {
      readonly op: 'call'
      readonly of?: Expression
      readonly name: string
      readonly args: readonly Expression[]
    }
  | { readonly op: 'type'; readonly keyword: 'as' | 'is'; readonly of: Expression; readonly type: string }
  | {
      readonly op: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly op: 'literal'; readonly value: Literal }

type Token = { readonly kind: 'name' | 'text' | 'number' | 'sign'; readonly text: string }

const lexeme = /\s*(?:([A-Za-z_]\w*)|`([^`]+)`|'((?:[^'\\]|\\.)*)'|(\d+(?:\.\d+)?)|(!=|[().,|=[\]]))/y

const tokenize = (source: string): readonly Token[] => {
  const tokens: Token[] = []
  const end = source.trimEnd().length
  lexeme.lastIndex = 0
  while (lexeme.lastIndex < end) {
    const at = lexeme.lastIndex
    const match = lexeme.exec(source)
    if (!match) throw new SyntaxError(`"${source}" cannot be read from position ${at}`)
    const [, name, quoted, text, number, sign] = match
    if (name !== undefined || quoted !== undefined) tokens.push({ kind: 'name', text: name ?? quoted ?? '' })
    else if (text !== undefined) tokens.push({ kind: 'text', text: text.replace(/\\(.)/g, '$1') })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else tokens.push({ kind: 'sign', text: sign ?? '' })
  }
  return tokens
}

/** Binary operators from the loosest to the tightest; each level binds to the left. */
const levels: readonly (readonly string[])[] = [['or'], ['and'], ['=', '!='], ['|']]

/** The tree of an expression. Throws SyntaxError for what is outside of the subset. */
export const readExpression = (source: string): Expression => {
  const tokens = tokenize(source)
  let at = 0
  const fail = (): never => {
    throw new SyntaxError(`"${source}" is not understood at "${tokens[at]?.text ?? 'the end'}"`)
  }
  const isNext = (text: string): boolean => tokens[at]?.text === text && tokens[at]?.kind !== 'text'
  const take = (text: string): boolean => isNext(text) && ++at > 0
  const expect = (text: string): void => {
    if (!take(text)) fail()
  }
  const name = (): string => {
    const token = tokens[at]
    if (token?.kind !== 'name') return fail()
    at++
    return token.text
  }

  const binary = (level: number): Expression => {
    const operators = levels[level]
    if (!operators) return typed()
    let left = binary(level + 1)
    for (;;) {
      const operator = operators.find(isNext)
      if (operator === undefined) return left
      at++
      left = { op: 'binary', operator, left, right: binary(level + 1) }
    }
  }
  const typed = (): Expression => {
    let of = postfix()
    while (isNext('as') || isNext('is')) {
      const keyword = name() as 'as' | 'is'
      of = { op: 'type', keyword, of, type: name() }
    }
    return of
  }
  const postfix = (): Expression => {
    let of = term()
    for (;;) {
      if (take('.')) of = member(name(), of)
      else if (take('[')) of = index(of)
      else return of
    }
  }
  const member = (text: string, of: Expression): Expression =>
    isNext('(') ? { op: 'call', of, name: text, args: args() } : { op: 'child', of, name: text }
  const index = (of: Expression): Expression => {
    const token = tokens[at++]
    if (token?.kind !== 'number') return fail()
    expect(']')
    return { op: 'index', of, index: Number(token.text) }
  }
  const args = (): readonly Expression[] => {
    expect('(')
    const list: Expression[] = []
    if (take(')')) return list
    do list.push(binary(0))
    while (take(','))
    expect(')')
    return list
  }
  const term = (): Expression => {
    const token = tokens[at]
    if (token?.kind === 'text') return literal(token.text)
    if (token?.kind === 'number') return literal(Number(token.text))
    if (isNext('true') || isNext('false')) return literal(token?.text === 'true')
    if (take('(')) {
      const inner = binary(0)
      expect(')')
      return inner
    }
    const text = name()
    return isNext('(') ? { op: 'call', name: text, args: args() } : { op: 'name', name: text }
  }
  const literal = (value: Literal): Expression => {
    at++
    return { op: 'literal', value }
  }

  const tree = binary(0)
  if (at < tokens.length) fail()
  return tree
}
