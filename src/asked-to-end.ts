/** Who asks the process to end: a signal, or the npm that started it by being gone. https://nodejs.org/api/process.html#signal-events */

/** npm and the terminal may both pass on one Ctrl-C; what comes within this many ms is the same wish. */
const oneWish = 500
const look = 250

/** Resolves at the first wish; `again` is called when a person repeats it, from then on. */
export const askedToEnd = (startedByNpm: boolean, again: () => void): Promise<void> =>
  new Promise((resolve) => {
    let first: number | undefined
    const ask = (): void => {
      first ??= performance.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (first !== undefined && performance.now() - first > oneWish) again()
        ask()
      })
    }
    if (startedByNpm) whenOrphaned(ask)
  })

/** npm gives SIGTERM to the shell between it and us, and many shells die of it without telling us. */
const whenOrphaned = (ask: () => void): void => {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    ask()
  }, look)
  timer.unref()
}
