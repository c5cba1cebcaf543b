/** The house has the walls that src/rooms.json draws. */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import {
  arrowsIn,
  badNames,
  brokenWalls,
  fileCycles,
  inspect,
  type Rooms,
  roomCycles,
} from './support/rooms.ts'

t.test('no wall is broken, every import leads somewhere, nothing goes in circles', async (t) => {
  t.same(inspect(fileURLToPath(new URL('..', import.meta.url))), [])
})

const rooms: Rooms = {
  base: { may: [], npm: ['pino'] },
  store: { may: ['base'], npm: ['pg'] },
  hospital: { may: ['base'], slices: true, shared: ['kit'] },
}
const walls = (from: string, text: string): string[] => brokenWalls(rooms, arrowsIn({ [from]: text }))

t.test('a broken wall is named with its line', async (t) => {
  t.same(walls('base/a.ts', `/** A. */\nimport { b } from '../store/b.ts'\n`), [
    'src/base/a.ts:2 base must not import store (../store/b.ts); it may import nothing',
  ])
  t.same(walls('base/a.ts', `import {\n  b,\n} from '../store/b.ts'\n`).length, 1, 'over several lines')
  t.same(walls('base/a.ts', `export type { B } from '../store/b.ts'\n`).length, 1, 'types count')
  t.same(walls('base/a.ts', `const b = await import('../store/b.ts')\n`).length, 1, 'at run time too')
  t.same(walls('base/a.ts', `import '../main.ts'\n`).length, 1, 'nobody imports the top')
  t.same(walls('attic/a.ts', `import '../base/b.ts'\n`), [
    'src/attic/a.ts:1 attic is not a room in src/rooms.json',
  ])
  t.same(walls('store/a.ts', `import { b } from '../base/b.ts'\n`), [])
  t.same(
    walls('main.ts', `import { b } from './store/b.ts'\nimport pg from 'pg'\n`),
    [],
    'the top may everything',
  )
  t.same(walls('base/a.ts', `// import { b } from '../store/b.ts'\n`), [], 'comments are no imports')
})

t.test('packages have owners', async (t) => {
  t.same(walls('base/a.ts', `import pg from 'pg'\n`), [
    'src/base/a.ts:1 only store may import the package pg',
  ])
  t.same(walls('store/a.ts', `import pg from 'pg'\nimport { join } from 'node:path'\n`), [])
})

t.test('slices do not see each other', async (t) => {
  t.same(walls('hospital/wards/a.ts', `import '../pharmacy/b.ts'\n`), [
    'src/hospital/wards/a.ts:1 hospital/wards must not import its neighbour pharmacy (../pharmacy/b.ts)',
  ])
  t.same(walls('hospital/wards/a.ts', `import '../kit/b.ts'\nimport './c.ts'\n`), [])
})

t.test('names say something', async (t) => {
  t.same(badNames(['base/utils.ts', 'base/Thing.ts']).length, 2)
  t.same(badNames(['base/issue.ts', 'search/params/token.ts']), [])
})

t.test('circles are found', async (t) => {
  t.match(roomCycles({ a: { may: ['b'] }, b: { may: ['a'] } }), [/a → b → a/])
  const circle = { 'base/a.ts': `import './b.ts'\n`, 'base/b.ts': `import './a.ts'\n` }
  t.match(fileCycles(arrowsIn(circle), circle), [/base\/a.ts → base\/b.ts → base\/a.ts/])
  const types = { 'base/a.ts': `import './b.ts'\n`, 'base/b.ts': `import type { A } from './a.ts'\n` }
  t.same(fileCycles(arrowsIn(types), types), [])
})
