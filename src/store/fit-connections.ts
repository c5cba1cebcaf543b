/** Shares the connections that the database allows among the processes of the server. */
import pg from 'pg'
import type { ConnectionTarget } from './connection.ts'

/** Connections of one process: `lines` for short statements, `pool` for the rest. */
export type Share = { readonly lines: number; readonly pool: number }

/** Left to others: backups, people, a server that takes over while this one drains. */
const spare = 10

/** The wanted share, made smaller where all processes together would ask for more than `allowed`. */
export const fitShare = (wanted: Share, allowed: number, processes: number): Share => {
  const each = Math.max(2, Math.floor((allowed - spare) / processes))
  if (wanted.lines + wanted.pool <= each) return wanted
  const lines = Math.max(1, Math.min(wanted.lines, Math.floor(each / 3)))
  return { lines, pool: each - lines }
}

/** Asks the database how many connections it allows, and fits the share to it. */
export const fitConnections = async (
  target: ConnectionTarget,
  wanted: Share,
  processes: number,
): Promise<Share> => {
  const client = new pg.Client('url' in target ? { connectionString: target.url } : target)
  await client.connect()
  try {
    const { rows } = await client.query(
      `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as allowed`,
    )
    return fitShare(wanted, rows[0].allowed, processes)
  } finally {
    await client.end()
  }
}
