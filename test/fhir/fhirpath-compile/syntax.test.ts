import { createRequire } from 'node:module'
import t from 'tap'
import { type Expression, readFhirpath } from '../../../src/fhir/fhirpath-compile/syntax.ts'
import { readSuite } from '../../support/fhirpath-suite.ts'
import { publishedConstraints } from './published.ts'

type Node = {
  type: string
  text?: string
  value?: string
  unit?: string
  delimitedText?: string
  children?: Node[]
}
const { parse } = createRequire(import.meta.url)('fhirpath') as { parse(expression: string): Node }

/** The structure alone, as the engine's own parser sees it: operators and names in the order of nesting. */
const engineShape = (node: Node): string => {
  const parts = (node.children ?? []).map(engineShape)
  const [first = '', second = ''] = parts
  if (node.type === 'InvocationExpression') return `${first}.${second}`
  if (node.type === 'IndexerExpression') return `${first}[${second}]`
  if (node.type === 'PolarityExpression') return `(${node.text}${first})`
  if (node.type === 'TypeExpression') return `(${first} ${node.text} ${second})`
  if (node.type.endsWith('Expression') && parts.length === 2) return `(${first} ${node.text} ${second})`
  if (node.type === 'FunctionInvocation') return functionShape(node)
  if (node.type === 'Identifier') return unticked(node.text ?? '')
  if (node.type === 'TypeSpecifier') return unticked(node.text ?? '')
  if (node.type === 'ThisInvocation') return '$this'
  if (node.type === 'IndexInvocation') return '$index'
  if (node.type === 'TotalInvocation') return '$total'
  if (node.type === 'ExternalConstantTerm') return '%'
  if (node.type === 'LiteralTerm') return 'literal'
  return parts.join('')
}

const functionShape = (node: Node): string => {
  const parameters = node.children?.[0]?.children?.find(({ type }) => type === 'ParamList')?.children ?? []
  return `${unticked(node.text ?? '')}(${parameters.map(engineShape).join(',')})`
}

const unticked = (text: string): string => text.replaceAll('`', '')

const ownShape = (tree: Expression): string => {
  if (tree.op === 'constant') return '%'
  if (tree.op === 'item') return `${ownShape(tree.of)}[${ownShape(tree.index)}]`
  if (tree.op === 'sign') return `(${tree.sign}${ownShape(tree.of)})`
  if (tree.op === 'type') return `(${ownShape(tree.of)} ${tree.keyword} ${tree.type})`
  if (tree.op === 'binary') return `(${ownShape(tree.left)} ${tree.operator} ${ownShape(tree.right)})`
  if (tree.op === 'literal' || tree.op === 'empty') return 'literal'
  if (tree.op !== 'member' && tree.op !== 'call') return `$${tree.op}`
  const before = tree.of ? `${ownShape(tree.of)}.` : ''
  return tree.op === 'member'
    ? before + tree.name
    : `${before}${tree.name}(${tree.args.map(ownShape).join(',')})`
}

const agree = (test: Pick<typeof t, 'equal'>, expression: string): void => {
  test.equal(ownShape(readFhirpath(expression)), engineShape(parse(expression)), expression)
}

t.test('reads every published constraint as the engine does', async (t) => {
  const constraints = [...publishedConstraints().values()].flat()
  for (const expression of new Set(constraints.map((constraint) => constraint.expression)))
    agree(t, expression)
})

const suite = readSuite() ?? []
const skip = suite.length > 0 ? false : 'the shared data are absent'

t.test('reads the suite as the engine does', { skip }, async (t) => {
  for (const { expression, invalid } of suite) {
    // A time has no zone in the grammar; the order of sort() is of a later ballot.
    if (invalid !== undefined || expression.includes('28Z.is(Time)') || /\bsort\(/.test(expression)) continue
    agree(t, expression)
  }
})

t.test('refuses what is no FHIRPath', async (t) => {
  for (const expression of ['', 'a b', 'a.', '(a', "'a", '`a', 'a[', '1 +', '$that', '%', 'a(,)', '@', '#'])
    t.throws(() => readFhirpath(expression), SyntaxError, expression)
})

t.test('is bounded in depth and length', async (t) => {
  for (const expression of [
    `${'('.repeat(10_000)}1${')'.repeat(10_000)}`,
    `${'a('.repeat(60)}1${')'.repeat(60)}`,
    '-'.repeat(1_000),
    `a${'.a'.repeat(10_000)}`,
    `a(${'1,'.repeat(60)}1)`,
    `${'sort('.repeat(10)}a${')'.repeat(10)}`,
  ])
    t.throws(() => readFhirpath(expression), SyntaxError, expression.slice(0, 20))
})
