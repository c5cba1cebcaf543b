/** Whether a statement names the tenant of every table that it looks into. */
import type { Database } from '../../src/store/index.ts'

export const tablesWithTenant = async (database: Database): Promise<ReadonlySet<string>> => {
  const rows = await database.query<{ name: string }>({
    name: '',
    tenant: null,
    text: `select c.relname as name from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' where c.relkind in ('r', 'p')`,
    values: [],
  })
  return new Set(rows.map(({ name }) => name))
}

const mention =
  /\b(?:from|join|update|into|delete\s+from)\s+(?:only\s+)?([a-z_]+)(?:\s+(?:as\s+)?(?!on\b|where\b|set\b|values\b|order\b|select\b|cross\b|left\b|join\b|limit\b|offset\b|union\b|using\b|group\b|for\b)([a-z_]+))?/g

/** The tables, as `table alias`, of which the text says nothing about the tenant. */
export const tenantless = (text: string, tables: ReadonlySet<string>): string[] => {
  const found: string[] = []
  for (const [, table = '', alias] of text.matchAll(mention)) {
    if (!tables.has(table)) continue
    const named =
      alias === undefined ? /(?<![\w.])tenant\b/ : new RegExp(`\\b${alias}\\.tenant\\b|(?<![\\w.])tenant\\b`)
    if (!named.test(text)) found.push(alias === undefined ? table : `${table} ${alias}`)
  }
  return found
}
