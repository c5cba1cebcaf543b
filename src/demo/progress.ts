/** Shows how far a load has come: one line that renews itself on a terminal, a line now and then elsewhere. */
import type { Loaded } from './load.ts'

type Screen = { write(text: string): unknown; readonly isTTY?: boolean }

export type Progress = { show(loaded: Loaded): void; finish(loaded: Loaded): void }

const number = new Intl.NumberFormat('en-US')

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`

const bar = (part: number): string => '█'.repeat(Math.floor(part * 24)).padEnd(24, '░')

/** `now` gives milliseconds. A terminal is written ten times a second at most, a file every five seconds. */
export const createProgress = (screen: Screen, patients: number, now: () => number): Progress => {
  const start = now()
  const pause = screen.isTTY ? 100 : 5000
  let shown = start - (screen.isTTY ? pause : 0)

  const line = (loaded: Loaded): string => {
    const seconds = Math.max((now() - start) / 1000, 0.001)
    const part = patients === 0 ? 1 : loaded.patients / patients
    const rate = `${number.format(Math.round(loaded.resources / seconds))}/s`
    const counts = `${number.format(loaded.patients)} of ${number.format(patients)} patients, ${number.format(loaded.resources)} resources, ${rate}`
    const left = part > 0 && part < 1 ? `, ${clock((seconds * (1 - part)) / part)} left` : ''
    return screen.isTTY ? `\r\u001b[K${bar(part)} ${counts}${left}` : `${counts}${left}\n`
  }

  return {
    show: (loaded) => {
      if (now() - shown < pause) return
      shown = now()
      screen.write(line(loaded))
    },
    finish: (loaded) => {
      screen.write(line(loaded))
      if (screen.isTTY) screen.write('\n')
    },
  }
}
