/** Audit events are handed over as arrays, and are counted less often for the planner: decision 0024. */

/**
 * `keyed` are the keys of all events one after the other, `upto` says where those of each end. Arrays come in binary
 * form: parsing texts was a fifth of what an event cost. Planning needs to know little of the table, and in a table that
 * grows by thousands of rows a second, counting them cost as much as an index. `refresh_statistics` leaves it to autovacuum.
 */
export const up = `
drop function audit_append(int, uuid[], double precision[], text[], text[], text[], smallint[], text[], text, text);
create function audit_append(
  of_tenant int, ids uuid[], ats double precision[], types text[], subtypes text[], actions text[], outcomes smallint[],
  addresses text[], keyed bigint[], upto int[], contents text[]
) returns int language plpgsql security definer set search_path from current as $$
declare
  start bigint;
  place bigint;
  link bytea;
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
    actions[f.n]::"char", outcomes[f.n], addresses[f.n], keyed[coalesce(upto[f.n - 1], 0) + 1:upto[f.n]], f.hash,
    contents[f.n]
  from unnest(fresh, hashes) with ordinality f(n, hash, k);
  perform set_config('lamplight.audit', '', true);
  update audit_head h set sequence = place, hash = link where h.tenant = of_tenant;
  return cardinality(fresh);
end $$;

alter table audit_event
  alter tenant set statistics 20, alter sequence set statistics 20, alter at set statistics 20,
  alter type set statistics 20, alter subtype set statistics 20, alter action set statistics 20,
  alter outcome set statistics 20, alter address set statistics 20, alter keys set statistics 20,
  alter id set statistics 0, alter hash set statistics 0, alter content set statistics 0,
  set (autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 0.3);

create or replace function refresh_statistics(wanted regclass default null) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare t record;
begin
  if wanted is null and not pg_try_advisory_xact_lock(5264012) then return; end if;
  for t in
    select s.relid::regclass as name
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = 'public' and case when wanted is null
      then s.relname <> 'audit_event' and s.n_mod_since_analyze > 5000 + 0.2 * greatest(c.reltuples, 0)
      else s.relid = wanted end
  loop
    execute format('analyze %s', t.name);
  end loop;
end $$;
`
