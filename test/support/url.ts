/** A connection to the embedded Postgres as a DATABASE_URL. */
import type { EmbeddedConnection } from '../../src/store/embedded/start.ts'

export const urlOf = ({ host, port, user, database, password }: EmbeddedConnection): string => {
  const query = new URLSearchParams({ user, ...(password === undefined ? {} : { password }) })
  if (!host.startsWith('/')) return `postgresql://${host}:${port}/${database}?${query}`
  return `postgresql:///${database}?${query}&host=${encodeURIComponent(host)}&port=${port}`
}
