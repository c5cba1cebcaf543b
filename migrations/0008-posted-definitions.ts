/** Definitions that users post take effect on every process: who changed what, in order, and what is built because of it. */

/**
 * `definition_changed` is called by the statements that write definitions (a trigger would cost every other write). It
 * keeps, for each tenant, a `generation` that grows with every change of a definition, what changed with it,
 * and in `parameters` the generation that changed which search parameters there are. A process writes index rows by the
 * parameters that it knows; the statement compares that with `parameters` and fails with LD001 when it knows too little.
 * A transaction that changed parameters itself compares with what was `before` it.
 * `posted_parameter.since` is the generation from which on an active SearchParameter has been the same.
 *
 * `index_build`: of one tenant and of some types where these are given. `waits_for` are transactions that may still
 * write rows by what was known before. `rows` and `checksum` are of what was written and read back.
 */
export const up = `
create table definition_generation (
  tenant int primary key,
  generation bigint not null,
  parameters bigint not null default 0,
  before bigint not null default 0,
  tx bigint not null default 0
) with (fillfactor = 50);

create table definition_change (
  tenant int not null,
  generation bigint not null,
  type smallint not null,
  id uuid not null,
  primary key (tenant, generation)
);

create table posted_parameter (
  tenant int not null,
  id uuid not null,
  since bigint not null,
  digest text not null,
  primary key (tenant, id)
);

create function stale_definitions() returns bigint[] language plpgsql as $$
begin
  raise exception using errcode = 'LD001', message = 'the search parameters have changed';
end $$;

create function parameter_digest(kind smallint, content jsonb) returns text language sql immutable as $$
  select case when kind = 123 and content->>'status' = 'active' then md5(jsonb_build_array(
    content->'url', content->'code', content->'type', content->'base', content->'expression', content->'target',
    content->'component')::text) end
$$;

create function definition_changed(of_tenant int, of_type smallint, of_id uuid, json_now jsonb) returns void
language plpgsql as $$
declare
  current bigint;
  shape text := parameter_digest(of_type, json_now);
  known text;
begin
  insert into definition_generation as g (tenant, generation) values (of_tenant, 1)
  on conflict (tenant) do update set generation = g.generation + 1
  returning g.generation into current;
  insert into definition_change (tenant, generation, type, id) values (of_tenant, current, of_type, of_id);
  if of_type = 123 then
    select p.digest into known from posted_parameter p where p.tenant = of_tenant and p.id = of_id;
    if shape is distinct from known then
      update definition_generation g set
        parameters = current,
        before = case when g.tx = pg_current_xact_id()::text::bigint then g.before else g.parameters end,
        tx = pg_current_xact_id()::text::bigint
      where g.tenant = of_tenant;
      delete from posted_parameter p where p.tenant = of_tenant and p.id = of_id;
      if shape is not null then
        insert into posted_parameter (tenant, id, since, digest) values (of_tenant, of_id, current, shape);
      end if;
    end if;
  end if;
  perform pg_notify('lamplight', 'definitions ' || of_tenant);
end $$;

insert into definition_change (tenant, generation, type, id)
select tenant, row_number() over (partition by tenant order by type, id), type, id
from resource where type in (22, 27, 65, 94, 98, 112, 123, 128, 144);
insert into posted_parameter (tenant, id, since, digest)
select c.tenant, c.id, c.generation, parameter_digest(v.type, v.json)
from definition_change c join resource r using (tenant, type, id) join resource_version v using (tenant, type, id, version)
where parameter_digest(v.type, v.json) is not null;
insert into definition_generation (tenant, generation, parameters)
select c.tenant, max(c.generation), coalesce((select max(p.since) from posted_parameter p where p.tenant = c.tenant), 0)
from definition_change c group by c.tenant;

alter table index_build
  add column kind text not null default 'values',
  add column tenant int,
  add column types smallint[],
  add column edition text,
  add column definition jsonb,
  add column base text,
  add column waits_for text[],
  add column rows numeric not null default 0,
  add column checksum numeric not null default 0;
create index index_build_tenant on index_build (tenant, edition);
`
