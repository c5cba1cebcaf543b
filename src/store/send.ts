/** Sends a statement and, before it, whose rows it may see, where that differs from the connection's last statement. */
import type pg from 'pg'
import { everyRole, type RowSecurity, tenantRole } from './roles.ts'
import type { Statement } from './statement.ts'

type Client = Pick<pg.Client, 'query'>

export type Send = {
  /** Both go out together: a change costs no round trip. `name` prepares the statement. */
  (client: Client, statement: Statement, name: string | undefined): Promise<pg.QueryResult>
  /** What the connection was told may have been undone. */
  forget(client: Client): void
}

const byRole: Statement = {
  name: 'tenant',
  tenant: null,
  text: `select set_config('role', $1, false), set_config('lamplight.tenant', $2, false)`,
  values: [],
}
const bySetting: Statement = {
  name: 'tenant',
  tenant: null,
  text: `select set_config('lamplight.tenant', $1, false)`,
  values: [],
}

/** A statement that does not say for whom it is sees the rows of nobody. */
const scopeOf = ({ tenant }: Statement): string | null => (tenant === null ? null : String(tenant ?? ''))

const changeTo = (scope: string, security: RowSecurity): Statement => {
  if (security === 'owner') return { ...bySetting, values: [scope] }
  return { ...byRole, values: scope === '*' ? [everyRole, ''] : [tenantRole, scope] }
}

const query = (client: Client, { text, values }: Statement, name: string | undefined) =>
  client.query({ ...(name === undefined ? {} : { name }), text, values: values as unknown[] })

export const createSend = (security: RowSecurity): Send => {
  const scopes = new WeakMap<Client, string>()

  const changing = async (
    client: Client,
    change: Promise<unknown>,
    sent: Promise<pg.QueryResult>,
  ): Promise<pg.QueryResult> => {
    sent.catch(() => {})
    try {
      await change
    } catch (error) {
      scopes.delete(client)
      throw error
    }
    return await sent
  }

  const send = (client: Client, statement: Statement, name: string | undefined) => {
    const scope = scopeOf(statement)
    if (scope === null || scopes.get(client) === scope) return query(client, statement, name)
    scopes.set(client, scope)
    const change = query(client, changeTo(scope, security), 'tenant')
    return changing(client, change, query(client, statement, name))
  }
  return Object.assign(send, { forget: (client: Client) => void scopes.delete(client) })
}
