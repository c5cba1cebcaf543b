/** From the token of a reference back to the resource that it points at, for `_has`. */

/**
 * `reference_token(0, id)` is the token without what stands before the id: a statement that has a token and the prefix
 * of its parameter finds the row here.
 */
export const up = `
create index resource_key on resource (reference_token(0, id));
`
