/** Reads the text of `_filter` into a tree: http://hl7.org/fhir/R4/search_filter.html */

/** The operators of a test: http://hl7.org/fhir/R4/search_filter.html#ops */
export const operators = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'lt',
  'ge',
  'le',
  'ap',
  'sa',
  'eb',
  'pr',
  'po',
  'ss',
  'sb',
  'in',
  'ni',
  're',
] as const
export type Operator = (typeof operators)[number]

/** One step of a path; a `filter` is what the resource at its end must meet besides. */
export type PathStep = { readonly name: string; readonly filter?: FilterTree }

export type FilterTree =
  | { readonly op: 'and' | 'or'; readonly of: readonly FilterTree[] }
  | { readonly op: 'not'; readonly of: FilterTree }
  | {
      readonly op: 'test'
      readonly path: readonly PathStep[]
      readonly operator: Operator
      readonly value: string
    }

/** Nobody writes more by hand. */
const bounds = Object.freeze({ depth: 20, tests: 100 })

const nameForm = /[_A-Za-z][\w-]*(?::[A-Za-z]+)?/y
const wordForm = /[^\s()[\]]+/y
const tokenForm = /[^\s)\]]+/y
const stringForm = /"(?:[^"\\]|\\.)*"/y
const space = /\s*/y

/** The tree, or a sentence that says where it cannot be read. */
export const readFilter = (text: string): FilterTree | string => {
  let at = 0
  let tests = 0
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at
    const found = form.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skip = (): void => void take(space)
  const fail = (wanted: string): never => {
    const rest = text.slice(at, at + 20)
    throw new SyntaxError(`At ${rest === '' ? 'its end' : `"${rest}"`} it needs ${wanted}.`)
  }
  const sign = (character: string): boolean => {
    skip()
    if (text[at] !== character) return false
    at++
    return true
  }
  /** A word that is not the name of a parameter: what follows it tells. */
  const keyword = (...words: readonly string[]): string | undefined => {
    skip()
    const start = at
    const word = take(wordForm)?.toLowerCase()
    if (word !== undefined && words.includes(word)) return word
    at = start
    return undefined
  }

  const expression = (depth: number): FilterTree => {
    if (depth > bounds.depth) throw new SyntaxError(`It is nested deeper than ${bounds.depth} times.`)
    let left = term(depth)
    for (let word = keyword('and', 'or'); word; word = keyword('and', 'or'))
      left = join(word as 'and' | 'or', left, term(depth))
    return left
  }
  const term = (depth: number): FilterTree => {
    if (sign('(')) return closed(depth)
    const start = at
    if (keyword('not')) {
      if (sign('(')) return { op: 'not', of: closed(depth) }
      at = start
    }
    return test(depth)
  }
  const closed = (depth: number): FilterTree => {
    const inner = expression(depth + 1)
    return sign(')') ? inner : fail('"and", "or" or ")"')
  }
  const test = (depth: number): FilterTree => {
    if (++tests > bounds.tests) throw new SyntaxError(`It has more than ${bounds.tests} tests.`)
    const path = steps(depth)
    const word = keyword(...operators)
    const operator = operators.find((one) => one === word) ?? fail(`one of ${operators.join(', ')}`)
    return { op: 'test', path, operator, value: value() }
  }
  const steps = (depth: number): readonly PathStep[] => {
    const path: PathStep[] = []
    do path.push(step(depth))
    while (text[at] === '.' && ++at)
    return path
  }
  const step = (depth: number): PathStep => {
    skip()
    const name = take(nameForm) ?? fail('the name of a search parameter')
    if (text[at] !== '[') return { name }
    at++
    const filter = expression(depth + 1)
    if (!sign(']')) fail('"and", "or" or "]"')
    if (text[at] !== '.') fail('"." and a parameter of the resource that is referred to')
    return { name, filter }
  }
  const value = (): string => {
    skip()
    if (text[at] !== '"') return take(tokenForm) ?? fail('a value')
    const source = take(stringForm) ?? fail('a text that ends with a quotation mark')
    try {
      return JSON.parse(source) as string
    } catch {
      throw new SyntaxError(`The text ${source} is no JSON string.`)
    }
  }

  try {
    const tree = expression(0)
    skip()
    return at < text.length ? fail('"and", "or" or nothing more') : tree
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

/** From left to right, without precedence. */
const join = (op: 'and' | 'or', left: FilterTree, right: FilterTree): FilterTree =>
  left.op === op ? { op, of: [...left.of, right] } : { op, of: [left, right] }
