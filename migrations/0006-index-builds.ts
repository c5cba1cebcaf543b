/** How far indexes of what was stored before are built: searches on them are refused until then. */

/** `after_…` is the last resource done. Resources that were stored by an earlier version have no values yet. */
export const up = `
create table index_build (
  name text primary key,
  total bigint not null,
  done bigint not null default 0,
  after_tenant int,
  after_type smallint,
  after_id uuid,
  started_at timestamptz not null default now(),
  finished_at timestamptz
);
insert into index_build (name, total, finished_at)
select 'values', count(*), case when count(*) = 0 then now() end from resource;
`
