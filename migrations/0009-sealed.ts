/** Secrets that are sealed by a key which is not in the database: decision 0026. */

/**
 * Columns of this type are found by their type when the key of the server is replaced. `sealing_key` knows which keys
 * were ever used here, so that a server that has lost them does not begin with a new one unnoticed.
 */
export const up = `
create domain sealed as text check (value like 's1.%.%.%');

create table sealing_key (
  id text primary key,
  used_since timestamptz not null default now()
);
`
