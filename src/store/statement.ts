/**
 * One SQL statement with its values; `name` makes it a prepared statement, one name for one text. `tenant` is the one
 * whose rows it sees and writes: `*` is for work of the server that goes across all, null where there are no rows of
 * tenants. The text names the tenant too: this is the second wall, see decision 0022.
 */
export type Statement = {
  readonly name: string
  readonly tenant: number | '*' | null
  readonly text: string
  readonly values: readonly unknown[]
}
