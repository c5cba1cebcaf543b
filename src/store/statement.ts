/** One SQL statement with its values; `name` makes it a prepared statement, one name for one text. */
export type Statement = {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}
