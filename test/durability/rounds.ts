/** Rounds of writing, killing and looking; more of them: `ROUNDS=1000 node test/durability/kill-server.test.ts`. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { createLedger, type Ledger } from './ledger.ts'
import { verify } from './verify.ts'
import { write } from './writers.ts'

export const rounds = Number(process.env.ROUNDS ?? 50)
const writers = 6

/** Writes against `base` until `crash` has happened, which starts at a random moment. */
const writeUntil = async (base: string, ledger: Ledger, round: number, crash: () => Promise<void>) => {
  const stop = new AbortController()
  const writing = Array.from({ length: writers }, (_, n) =>
    write({ base, ledger, unique: `r${round}-w${n}` }, stop.signal),
  )
  const failed = Promise.all(writing)
  await Promise.race([sleep(20 + Math.random() * 250), failed])
  try {
    await crash()
  } finally {
    stop.abort()
    await failed
  }
}

/** `crash` kills something while clients write; `recover` gives the base URL once the server is ready again. */
export const survive = async (
  t: Test,
  first: string,
  crash: (round: number) => Promise<void>,
  recover: () => Promise<string>,
): Promise<void> => {
  const ledger = createLedger()
  let base = first
  let doubts = 0
  for (let round = 1; round <= rounds; round++) {
    await writeUntil(base, ledger, round, () => crash(round))
    base = await recover()
    const faults = await verify(base, ledger, ledger.takeNew(), ledger.doubts.slice(doubts))
    doubts = ledger.doubts.length
    if (faults.length > 0) return void t.same(faults, [], `round ${round}`)
  }
  t.same(
    await verify(base, ledger, ledger.acknowledged, ledger.doubts),
    [],
    'everything is there after all rounds',
  )
  t.ok(ledger.acknowledged.length > rounds, `${ledger.acknowledged.length} versions, ${doubts} in doubt`)
}
