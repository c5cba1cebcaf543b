/** Reads FHIRPath into a tree, in linear time and bounded depth: http://hl7.org/fhirpath/N1/#formal-specifications */
import { type Token, tokenize } from './tokens.ts'

/** The System types that literals have; `Long` is of a later ballot. */
export type LiteralType =
  | 'Boolean'
  | 'String'
  | 'Integer'
  | 'Decimal'
  | 'Date'
  | 'DateTime'
  | 'Time'
  | 'Quantity'
  | 'Long'

/** `of` is what stands before the dot; without it the focus is meant. A `type` is `Patient` or `System.String`. */
export type Expression =
  | {
      readonly op: 'literal'
      readonly type: LiteralType
      readonly value: string | number | boolean
      readonly unit?: string
    }
  | { readonly op: 'empty' | 'this' | 'index' | 'total' }
  | { readonly op: 'constant'; readonly name: string }
  | { readonly op: 'member'; readonly of?: Expression; readonly name: string }
  | {
      readonly op: 'call'
      readonly of?: Expression
      readonly name: string
      readonly args: readonly Expression[]
    }
  | { readonly op: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly op: 'sign'; readonly sign: '+' | '-'; readonly of: Expression }
  | { readonly op: 'type'; readonly keyword: 'is' | 'as'; readonly of: Expression; readonly type: string }
  | {
      readonly op: 'binary'
      readonly operator: string
      readonly left: Expression
      readonly right: Expression
    }

/** Binary operators from the loosest to the tightest; every level binds to the left. */
const levels: readonly ReadonlySet<string>[] = [
  ['implies'],
  ['or', 'xor'],
  ['and'],
  ['in', 'contains'],
  ['=', '~', '!=', '!~'],
  ['<=', '<', '>', '>='],
  ['|'],
  ['is', 'as'],
  ['+', '-', '&'],
  ['*', '/', 'div', 'mod'],
].map((operators) => new Set(operators))

/** Parentheses and arguments within each other; the published constraints have fewer than ten. */
const deepest = 50

const mostArguments = 50
/** The engine's parser takes a second for some fifty in each other. */
const mostSorts = 6

const calendarUnits = /^(?:year|month|week|day|hour|minute|second|millisecond)s?$/

/** The tree of an expression. Throws SyntaxError for what is no FHIRPath, or nested deeper than 50 levels. */
export const readFhirpath = (source: string): Expression => new Reader(tokenize(source)).whole()

class Reader {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0
  #sorts = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Expression {
    const tree = this.#expression()
    if (this.#at < this.#tokens.length) this.#fail()
    return tree
  }

  #fail(): never {
    const token = this.#tokens[this.#at]
    throw new SyntaxError(`The FHIRPath is not understood at "${token?.text.slice(0, 20) ?? 'its end'}".`)
  }

  #isNext(text: string): boolean {
    const token = this.#tokens[this.#at]
    return token !== undefined && token.text === text && (token.kind === 'sign' || token.kind === 'name')
  }

  #take(text: string): boolean {
    if (!this.#isNext(text)) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#fail()
  }

  #expression(): Expression {
    if (++this.#depth > deepest)
      throw new SyntaxError(`The FHIRPath is nested deeper than ${deepest} levels; write a flatter one.`)
    const tree = this.#binary(0)
    this.#depth--
    return tree
  }

  #binary(level: number): Expression {
    const operators = levels[level]
    if (!operators) return this.#signed()
    let left = this.#binary(level + 1)
    for (;;) {
      const operator = this.#operator(operators)
      if (operator === undefined) return left
      if (operator === 'is' || operator === 'as')
        left = { op: 'type', keyword: operator, of: left, type: this.#typeName() }
      else left = { op: 'binary', operator, left, right: this.#binary(level + 1) }
    }
  }

  #operator(operators: ReadonlySet<string>): string | undefined {
    const token = this.#tokens[this.#at]
    if (!token || (token.kind !== 'sign' && token.kind !== 'name') || !operators.has(token.text))
      return undefined
    this.#at++
    return token.text
  }

  #typeName(): string {
    let name = this.#identifier()
    while (this.#take('.')) name += `.${this.#identifier()}`
    return name
  }

  #identifier(): string {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'name' && token?.kind !== 'quoted') return this.#fail()
    this.#at++
    return token.text
  }

  /** Signs in a row are counted as nesting: each is one more call. */
  #signed(): Expression {
    for (const sign of ['+', '-'] as const) {
      if (!this.#take(sign)) continue
      if (++this.#depth > deepest) throw new SyntaxError('The FHIRPath has too many signs in a row.')
      const of = this.#signed()
      this.#depth--
      return { op: 'sign', sign, of }
    }
    return this.#postfix()
  }

  #postfix(): Expression {
    let of = this.#term()
    for (;;) {
      if (this.#take('.')) of = this.#invocation(of)
      else if (this.#take('[')) {
        of = { op: 'item', of, index: this.#expression() }
        this.#expect(']')
      } else return of
    }
  }

  #invocation(of?: Expression): Expression {
    const name = this.#identifier()
    const base = of === undefined ? {} : { of }
    if (!this.#take('(')) return { op: 'member', ...base, name }
    const args: Expression[] = []
    if (!this.#take(')')) {
      do args.push(this.#argument(name))
      while (this.#take(','))
      if (args.length > mostArguments)
        throw new SyntaxError(`${name}() has more than ${mostArguments} arguments; use fewer.`)
      this.#expect(')')
    }
    return { op: 'call', ...base, name, args }
  }

  /** The direction of `sort()`, of a later ballot, is read and left to the engine. */
  #argument(name: string): Expression {
    if (name === 'sort' && ++this.#sorts > mostSorts)
      throw new SyntaxError('The FHIRPath sorts too often; sort once.')
    const argument = this.#expression()
    if (name === 'sort' && !this.#take('asc')) this.#take('desc')
    return argument
  }

  #term(): Expression {
    const token = this.#tokens[this.#at]
    if (token === undefined) return this.#fail()
    if (token.kind === 'name' || token.kind === 'quoted') return this.#named(token)
    if (token.kind === 'sign') return this.#bracketed()
    this.#at++
    if (token.kind === 'text') return { op: 'literal', type: 'String', value: token.text }
    if (token.kind === 'constant') return { op: 'constant', name: token.text }
    if (token.kind === 'variable') return { op: token.text as 'this' | 'index' | 'total' }
    if (token.kind === 'number') return this.#number(token.text)
    if (token.kind === 'long') return { op: 'literal', type: 'Long', value: token.text }
    return { op: 'literal', type: temporalType(token.text), value: token.text }
  }

  #named(token: Token): Expression {
    if (token.kind === 'name' && (token.text === 'true' || token.text === 'false')) {
      this.#at++
      return { op: 'literal', type: 'Boolean', value: token.text === 'true' }
    }
    return this.#invocation()
  }

  #bracketed(): Expression {
    if (this.#take('{')) {
      this.#expect('}')
      return { op: 'empty' }
    }
    this.#expect('(')
    const inner = this.#expression()
    this.#expect(')')
    return inner
  }

  #number(text: string): Expression {
    const next = this.#tokens[this.#at]
    const isUnit = next?.kind === 'text' || (next?.kind === 'name' && calendarUnits.test(next.text))
    if (next && isUnit) {
      this.#at++
      // A quoted unit is UCUM; the words of the calendar keep their plain form to be told apart.
      const unit = next.kind === 'text' ? `'${next.text}'` : next.text
      return { op: 'literal', type: 'Quantity', value: Number(text), unit }
    }
    return { op: 'literal', type: text.includes('.') ? 'Decimal' : 'Integer', value: Number(text) }
  }
}

const temporalType = (text: string): LiteralType => {
  if (text.startsWith('T')) return 'Time'
  return text.includes('T') ? 'DateTime' : 'Date'
}
