import { Writable } from 'node:stream'
import { pino } from 'pino'
import t from 'tap'
import { createLog } from '../src/base/log.ts'
import { rehearse } from '../src/rehearsal.ts'
import { openRest } from './support/rest.ts'

const stopped = new AbortController().signal
const log = createLog('silent')

t.test('a rehearsal performs every transaction and leaves nothing behind', async (t) => {
  const { rooms, database, posted } = await openRest(t, {
    validation: { mode: 'standard', bestPractice: 'warning', enforced: new Map() },
  })
  const rows = async () => {
    const text = `select (select count(*) from resource_version)::int as versions, (select count(*) from audit_event)::int as events,
      (select count(*) from definition_generation)::int as generations`
    return await database.query({ name: '', tenant: null, text, values: [] })
  }
  const known = await posted.of(1)
  const before = await rows()
  t.equal(await rehearse({ rooms, log, stopped, isWanted: () => false }), 6)
  t.strictSame(await rows(), before)
  t.equal(await posted.of(1), known, 'what real requests go by is as it was')
})

t.test('what a hospital demands of those who write does not stop it', async (t) => {
  const validation = {
    mode: 'strict' as const,
    bestPractice: 'error' as const,
    enforced: new Map([['Patient', ['http://hospital.example/StructureDefinition/own']]]),
  }
  const { rooms } = await openRest(t, {
    validation,
    updateAsCreate: false,
    maxEntries: 1,
    references: 'enforced',
  })
  t.equal(await rehearse({ rooms, log, stopped, isWanted: () => false }), 6)
})

t.test('it ends when somebody waits', async (t) => {
  const { rooms } = await openRest(t)
  let asked = 0
  t.equal(await rehearse({ rooms, log, stopped, isWanted: () => ++asked > 2 }), 2)
})

t.test('its failure is a line of the log, without what was rehearsed', async (t) => {
  const { rooms } = await openRest(t, { maxDepth: 2 })
  let lines = ''
  const sink = new Writable({
    write: (chunk, _, done) => {
      lines += chunk
      done()
    },
  })
  const refused = rehearse({ rooms, log: pino(sink), stopped, isWanted: () => false })
  t.equal(await refused, 0)
  t.match(lines, /the rehearsal failed/)
  t.notMatch(lines, /entry|Patient\//)
})
