/** Resources: a narrow row that searches scan, and every version's exact text, the current one's as JSONB too. */

/**
 * `tenant` is the first part of every key. `id` is the UUID of `idKey`; `fhir_id` is set only where the id is not that
 * UUID itself. `tokens` are 64-bit hashes that contain the tenant. `resource_version` is only appended to, but for
 * `json`, which is emptied when the version is superseded; it is also the outbox: `tx` orders it by commit.
 */
export const up = `
create table resource_type (
  type smallint primary key,
  name text not null unique
);

create table resource (
  tenant int not null,
  type smallint not null,
  id uuid not null,
  version int not null,
  last_updated timestamptz(3) not null,
  fhir_id text collate "C",
  tokens bigint[] not null,
  primary key (tenant, type, id)
) with (fillfactor = 85);
create index resource_tokens on resource using gin (tokens) with (fastupdate = on, gin_pending_list_limit = 512);

create index resource_fhir_id on resource (tenant, type, fhir_id) where fhir_id is not null;

create table resource_version (
  tenant int not null,
  type smallint not null,
  id uuid not null,
  version int not null,
  last_updated timestamptz(3) not null,
  tx bigint not null default pg_current_xact_id()::text::bigint,
  method "char" not null,
  fhir_id text collate "C",
  content text,
  json jsonb,
  primary key (tenant, type, id, version)
);
create index resource_version_type on resource_version (tenant, type, last_updated);
create index resource_version_system on resource_version (tenant, last_updated);
create index resource_version_tx on resource_version using brin (tx) with (pages_per_range = 32, autosummarize = on);
`
