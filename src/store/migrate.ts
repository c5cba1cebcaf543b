/** Brings a database to the schema of this version: forward only, by one process at a time. */
import { readdir } from 'node:fs/promises'
import knex, { type Knex } from 'knex'
import pg from 'pg'
import { type ConnectionTarget, partsOf } from './connection.ts'
import { secureRows } from './row-security.ts'

const folder = new URL('../../migrations/', import.meta.url)
/** Any constant will do: whoever migrates holds this advisory lock. */
const lockKey = 5_264_011

type MigrationFile = { readonly name: string; readonly up: string }

const load = async (): Promise<MigrationFile[]> => {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.*\.ts$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const { up } = (await import(new URL(name, folder).href)) as { up: string }
      return { name: name.replace(/\.ts$/, ''), up }
    }),
  )
}

const source = (files: MigrationFile[]): Knex.MigrationSource<MigrationFile> => ({
  getMigrations: async () => files,
  getMigrationName: ({ name }) => name,
  getMigration: async ({ name, up }) => ({
    up: (db) => db.raw(up),
    down: async () => {
      throw new Error(`${name} cannot be undone; restore a backup instead`)
    },
  }),
})

/** Migrations are of all tenants. */
const connectionOf = (target: ConnectionTarget): pg.ClientConfig => ({
  ...partsOf(target),
  options: '-c lamplight.tenant=*',
})

/** The database cannot be used; the message says why to the person at the terminal. */
export class UnsuitableDatabase extends Error {}

/** PostgreSQL 15 is the oldest that the schema and the statements are tested with. */
const requireVersion = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query('show server_version_num')
  const number = Number(rows[0].server_version_num)
  if (number < 150_000)
    throw new UnsuitableDatabase(
      `PostgreSQL ${Math.floor(number / 10_000)} is too old; Lamplight needs version 15 or newer.`,
    )
}

/** There is a migration that this version does not know. */
const refuseUnknown = (files: readonly MigrationFile[], names: readonly string[]): void => {
  const unknown = names.find((name) => !files.some((file) => file.name === name))
  if (unknown !== undefined)
    throw new UnsuitableDatabase(
      `The data were made by a newer version of Lamplight: this one does not know the migration ${unknown}.`,
    )
}

/**
 * Applies what is missing and gives the names of what it applied. Other processes wait for it. `only` stops at the
 * tables of an older version, for data that are to be put into them; then this is called again.
 */
export const migrate = async (target: ConnectionTarget, only?: readonly string[]): Promise<string[]> => {
  const all = await load()
  if (only) refuseUnknown(all, only)
  const files = only ? all.filter(({ name }) => only.includes(name)) : all
  const guard = new pg.Client(connectionOf(target))
  await guard.connect()
  const db = knex({
    client: 'pg',
    connection: connectionOf(target) as Knex.PgConnectionConfig,
    pool: { min: 0, max: 2 },
  })
  try {
    await requireVersion(guard)
    await guard.query('select pg_advisory_lock($1)', [lockKey])
    const config: Knex.MigratorConfig = {
      migrationSource: source(files),
      tableName: 'schema_migration',
    }
    // A process that died while it migrated leaves knex's own lock behind; ours proves that nobody is at work.
    if (await db.schema.hasTable('schema_migration_lock')) await db.migrate.forceFreeMigrationsLock(config)
    const [, applied] = (await db.migrate.latest(config)) as [number, string[]]
    if (!only) await secureRows(guard)
    return applied
  } finally {
    await db.destroy()
    await guard.end()
  }
}
