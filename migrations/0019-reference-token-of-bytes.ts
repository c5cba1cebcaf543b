/** Tokens of references in a tenth of the time, where PostgreSQL can cast bytes to numbers. Decision 0019. */

/**
 * The casts are there since PostgreSQL 18, and conditions with them pass the wall between tenants (decision 0022) only
 * when a superuser has declared them leakproof, which follows after all migrations. Elsewhere `reference_token` stays as
 * it was: both give the same, so the index over it stays too.
 */
export const up = `
do $$ begin
  if current_setting('server_version_num')::int < 180000 or not (select rolsuper from pg_roles where rolname = current_user) then
    return;
  end if;
  execute $new$
    create or replace function reference_token(prefix bigint, id uuid) returns bigint
    language sql immutable strict parallel safe
    return prefix # substring(uuid_send(id) from 1 for 8)::bigint # substring(uuid_send(id) from 9 for 8)::bigint
  $new$;
end $$;
`
