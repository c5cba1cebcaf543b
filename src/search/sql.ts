/** Plan → SQL text. Values travel only as parameters. */

/** A prepared statement: `name` is a hash of `text`, so equal names mean equal texts. */
export type Statement = { readonly name: string; readonly text: string; readonly values: readonly unknown[] }
