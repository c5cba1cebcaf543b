/** Keys of audit events as numbers: their index was the half of what an event costs the database. Decision 0024. */

/**
 * A key is the first eight bytes of SHA-256 over tenant, a space and the key's text, as `store/audit-keys.ts` makes it.
 * `audit_append` looks for all ids at once: hardly ever is one of them there already.
 */
export const up = `
create function audit_keys(of_tenant int, texts text[]) returns bigint[] language sql immutable as $$
  select coalesce(array_agg(
    ('x' || encode(substr(sha256(convert_to(of_tenant || ' ' || k, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint order by n
  ), '{}') from unnest(texts) with ordinality u(k, n)
$$;
drop index audit_event_keys;
alter table audit_event alter column keys type bigint[] using audit_keys(tenant, keys);
create index audit_event_keys on audit_event using gin (keys);
drop function audit_keys(int, text[]);

drop function audit_append(int, uuid[], timestamptz[], text[], text[], text[], smallint[], text[], text, text);
create function audit_append(
  of_tenant int, ids uuid[], ats double precision[], types text[], subtypes text[], actions text[], outcomes smallint[],
  addresses text[], keyed text, texts text
) returns int language plpgsql security definer set search_path from current as $$
declare
  start bigint;
  place bigint;
  link bytea;
  contents text[] := string_to_array(texts, e'\\x1e');
  keys_of text[] := string_to_array(keyed, e'\\x1e');
  hashes bytea[] := '{}';
  known uuid[];
  fresh int[];
  n int;
begin
  select h.sequence, h.hash into start, link from audit_head h where h.tenant = of_tenant for update;
  if not found then
    insert into audit_head values (of_tenant, 0, audit_genesis(of_tenant)) on conflict do nothing;
    select h.sequence, h.hash into start, link from audit_head h where h.tenant = of_tenant for update;
  end if;
  select array_agg(e.id) into known from audit_event e where e.tenant = of_tenant and e.id = any(ids);
  fresh := array(
    select i from generate_subscripts(ids, 1) i where known is null or ids[i] <> all(known) order by i);
  place := start;
  foreach n in array fresh loop
    place := place + 1;
    link := sha256(link || int8send(place) || convert_to(contents[n], 'UTF8'));
    hashes := hashes || link;
  end loop;
  if place = start then return 0; end if;
  perform set_config('lamplight.audit', 'INSERT', true);
  insert into audit_event (tenant, sequence, at, id, type, subtype, action, outcome, address, keys, hash, content)
  select of_tenant, start + f.k, to_timestamp(ats[f.n] / 1000), ids[f.n], types[f.n], subtypes[f.n],
    actions[f.n]::"char", outcomes[f.n], addresses[f.n], keys_of[f.n]::bigint[], f.hash, contents[f.n]
  from unnest(fresh, hashes) with ordinality f(n, hash, k);
  perform set_config('lamplight.audit', '', true);
  update audit_head h set sequence = place, hash = link where h.tenant = of_tenant;
  return cardinality(fresh);
end $$;
`
