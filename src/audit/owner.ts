/** Whose a file of the spool is: the process that writes it, as its name tells. */
import { readFileSync } from 'node:fs'

/** When a process began, in ticks of the system; `0` where the system does not tell. */
const beginning = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const name = /^(\d+)-(\d+)-[0-9a-f-]+\.ndjson$/

/** A name for a file of this process; `id` tells its files apart. */
export const ownName = (id: string): string => `${process.pid}-${beginning(process.pid)}-${id}.ndjson`

/** Whether a file was left behind: its process is gone, even if another one has its number by now. */
export const isOrphan = (file: string): boolean => {
  const [, pid, since] = name.exec(file) ?? []
  if (pid === undefined || since === undefined) return false
  return !isAlive(Number(pid)) || beginning(Number(pid)) !== since
}
