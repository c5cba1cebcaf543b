/** What happened, for good: one chain of hashes per tenant. Decision 0024. */

/**
 * `audit_event` is only appended to, by `audit_append`, and shortened at its old end only, by `audit_retire`. `content`
 * is the event's text; the other columns are read from it and are there to be searched. `hash` is over the hash of the
 * event before, the number and the text. The triggers keep mistakes out; whoever owns the tables can take them off, and
 * the chain tells of it. `audit_head` is the last link, locked while links are added.
 * `audit_checkpoint` stands for what retention removed: `signature` is over the last link that went.
 */
export const up = `
create table audit_head (
  tenant int primary key,
  sequence bigint not null,
  hash bytea not null
) with (fillfactor = 50);

create table audit_event (
  tenant int not null,
  sequence bigint not null,
  at timestamptz(3) not null,
  id uuid not null,
  type text not null,
  subtype text not null,
  action "char" not null,
  outcome smallint not null,
  address text,
  keys text[] not null,
  hash bytea not null,
  content text not null,
  primary key (tenant, sequence)
);
create unique index audit_event_id on audit_event (tenant, id);
create index audit_event_at on audit_event (tenant, at, sequence);
create index audit_event_failed on audit_event (tenant, at, sequence) where outcome <> 0;
create index audit_event_keys on audit_event using gin (keys);

create table audit_checkpoint (
  tenant int not null,
  sequence bigint not null,
  hash bytea not null,
  at timestamptz(3) not null,
  removed bigint not null,
  signature text not null,
  primary key (tenant, sequence)
);

create function audit_guard() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('lamplight.audit', true), '') <> tg_op then
    raise exception using errcode = '42501', message = 'audit events are appended by audit_append and never changed';
  end if;
  return null;
end $$;
create trigger audit_event_guard before insert or update or delete or truncate on audit_event
  for each statement execute function audit_guard();
create trigger audit_checkpoint_guard before update or delete or truncate on audit_checkpoint
  for each statement execute function audit_guard();

create function audit_genesis(of_tenant int) returns bytea language sql immutable as $$
  select sha256(convert_to('lamplight audit ' || of_tenant, 'UTF8'))
$$;

create function audit_append(
  of_tenant int, ids uuid[], ats timestamptz[], types text[], subtypes text[], actions text[], outcomes smallint[],
  addresses text[], keyed text, texts text
) returns int language plpgsql security definer set search_path from current as $$
declare
  head audit_head;
  start bigint;
  contents text[] := string_to_array(texts, e'\\x1e');
  keys_of text[] := string_to_array(keyed, e'\\x1e');
  hashes bytea[] := '{}';
  fresh int[];
  n int;
begin
  insert into audit_head values (of_tenant, 0, audit_genesis(of_tenant)) on conflict do nothing;
  select * into head from audit_head h where h.tenant = of_tenant for update;
  select array_agg(i.n order by i.n) into fresh from unnest(ids) with ordinality i(id, n)
  where not exists (select from audit_event e where e.tenant = of_tenant and e.id = i.id);
  if fresh is null then return 0; end if;
  start := head.sequence;
  foreach n in array fresh loop
    head.sequence := head.sequence + 1;
    head.hash := sha256(head.hash || int8send(head.sequence) || convert_to(contents[n], 'UTF8'));
    hashes := hashes || head.hash;
  end loop;
  perform set_config('lamplight.audit', 'INSERT', true);
  insert into audit_event (tenant, sequence, at, id, type, subtype, action, outcome, address, keys, hash, content)
  select of_tenant, start + f.k, ats[f.n], ids[f.n], types[f.n], subtypes[f.n], actions[f.n]::"char", outcomes[f.n],
    addresses[f.n], string_to_array(keys_of[f.n], e'\\x1f'), f.hash, contents[f.n]
  from unnest(fresh, hashes) with ordinality f(n, hash, k);
  perform set_config('lamplight.audit', '', true);
  update audit_head h set sequence = head.sequence, hash = head.hash where h.tenant = of_tenant;
  return cardinality(fresh);
end $$;

create function audit_retire(of_tenant int, up_to bigint, signed text) returns bigint
language plpgsql security definer set search_path from current as $$
declare
  gone bigint;
  last audit_event;
begin
  perform from audit_head h where h.tenant = of_tenant for update;
  select * into last from audit_event e where e.tenant = of_tenant and e.sequence = up_to;
  if last is null then return 0; end if;
  perform set_config('lamplight.audit', 'DELETE', true);
  delete from audit_event e where e.tenant = of_tenant and e.sequence <= up_to;
  get diagnostics gone = row_count;
  perform set_config('lamplight.audit', '', true);
  insert into audit_checkpoint (tenant, sequence, hash, at, removed, signature)
  values (of_tenant, up_to, last.hash, last.at, gone, signed);
  return gone;
end $$;

revoke insert, update, delete, truncate on audit_event, audit_head, audit_checkpoint from public;
`
