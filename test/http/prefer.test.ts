import t from 'tap'
import { parsePrefer } from '../../src/http/prefer.ts'

t.test('what is understood is applied', async (t) => {
  t.strictSame(parsePrefer(undefined), {})
  t.strictSame(parsePrefer('return=minimal'), { return: 'minimal', applied: 'return=minimal' })
  t.strictSame(parsePrefer('return="OperationOutcome", handling=lenient'), {
    return: 'OperationOutcome',
    lenient: true,
    applied: 'return=OperationOutcome, handling=lenient',
  })
  t.strictSame(parsePrefer('handling=strict; return=representation'), {
    return: 'representation',
    lenient: false,
    applied: 'return=representation, handling=strict',
  })
  t.equal(parsePrefer('return=minimal, return=representation').return, 'minimal', 'the first counts')
})

t.test('what is not understood is ignored', async (t) => {
  t.strictSame(parsePrefer('respond-async, return=all, handling=odd, wait=10'), {})
  t.strictSame(parsePrefer(' , ;='), {})
})
