import t from 'tap'
import { youngGeneration } from '../src/young-generation.ts'

const gb = 1024 ** 3

t.test('young objects get more room where there is memory', async (t) => {
  t.same(youngGeneration(2, 24 * gb, []), ['--max-semi-space-size=128', '--no-memory-reducer'])
  t.same(youngGeneration(8, 24 * gb, ['--trace-gc']), ['--max-semi-space-size=96', '--no-memory-reducer'])
})

t.test('Node decides where memory is scarce', async (t) => {
  t.same(youngGeneration(2, 4 * gb, []), [])
  t.same(youngGeneration(16, 32 * gb, []), [])
})

t.test('what the operator gave stays', async (t) => {
  t.same(youngGeneration(2, 24 * gb, ['--max-semi-space-size=32']), [])
  t.same(youngGeneration(2, 24 * gb, ['--max_semi_space_size', '32']), [])
})
