/** Common codes in the order of time, parts of words, and a faster way from a row to the token of references to it. */

/**
 * The first tokens of a resource stand in fixed places (src/search/leading.ts): two codes are in the order of the
 * primary date, and rows that were stored before are built anew. Numbers below zero stand for no code.
 * `trigrams` gives every three letters in a row: what contains a text has all of them. `reference_token` gives the same
 * as before in two thirds of the time.
 */
export const up = `
create index resource_code on resource ((tokens[2]), date_low) where (tokens[2] & -16) <> -16;
create index resource_second_code on resource ((tokens[3]), date_low) where (tokens[3] & -16) <> -16;

create function trigrams(folded text) returns text[]
language sql immutable strict parallel safe
return array(select substr(folded, n, 3) from generate_series(1, length(folded) - 2) n);

create index search_string_trigrams on search_string using gin (trigrams(folded)) with (fastupdate = on, gin_pending_list_limit = 512);

create or replace function reference_token(prefix bigint, id uuid) returns bigint
language sql immutable strict parallel safe
return prefix # ('x' || encode(uuid_send(id), 'hex'))::bit(64)::bigint # (('x' || encode(uuid_send(id), 'hex'))::bit(128) << 64)::bit(64)::bigint;

delete from index_build where name = 'values';
insert into index_build (name, total, finished_at)
select 'values', count(*), case when count(*) = 0 then now() end from resource;
`
