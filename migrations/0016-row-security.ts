/** What statements may have done for them that run without the rights of the owner; the policies are made after all migrations. */

/** `refresh_statistics` looks at tables of which more than a fifth changed, or at one; one process does it for all. */
export const up = `
create function refresh_statistics(wanted regclass default null) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare t record;
begin
  if wanted is null and not pg_try_advisory_xact_lock(5264012) then return; end if;
  for t in
    select s.relid::regclass as name
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = 'public' and case when wanted is null
      then s.n_mod_since_analyze > 5000 + 0.2 * greatest(c.reltuples, 0) else s.relid = wanted end
  loop
    execute format('analyze %s', t.name);
  end loop;
end $$;

create function stop_statement(process int) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select pg_cancel_backend(pid) from pg_stat_activity
  where pid = process and datname = current_database() and application_name = 'lamplight'
$$;
`
