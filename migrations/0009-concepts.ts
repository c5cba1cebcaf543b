/** Code systems that are too big for memory, and the closure tables that clients keep. */

/**
 * Concepts are numbered in the order of the hierarchy, parents before children along one path: what is below a concept
 * is few ranges of numbers, `below` (null: only itself); `above` are all concepts above it. `words` holds the words of the texts; `!n` for the system; `=property|value`
 * and `?property` for properties; `-` for inactive and `^` for abstract concepts: one index finds them together.
 * Tenant 0 is shared by all. `concept_draft` is what a load has read so far.
 */
export const up = `
create table concept_system (
  tenant int not null,
  number int generated always as identity,
  url text not null,
  version text not null default '',
  name text not null,
  state text not null check (state in ('reading', 'building', 'active', 'replaced')),
  rows_read bigint not null default 0,
  count int not null default 0,
  has_inactive boolean not null default false,
  properties jsonb not null default '[]',
  started_at timestamptz not null default now(),
  active_at timestamptz,
  primary key (tenant, number)
);
create unique index concept_system_active on concept_system (tenant, url, version) where state = 'active';
create unique index concept_system_loading on concept_system (tenant, url, version) where state in ('reading', 'building');

create table concept (
  tenant int not null,
  system int not null,
  number int not null,
  code text not null,
  display text,
  definition text,
  inactive boolean not null,
  abstract boolean not null,
  properties jsonb,
  designations jsonb,
  parents int[],
  children int[],
  above int[],
  below int4multirange,
  words tsvector not null,
  primary key (tenant, system, number)
);
create unique index concept_code on concept (tenant, system, code) include (number);
create index concept_words on concept using gin (words);

create table concept_draft (
  tenant int not null,
  system int not null,
  place bigint not null,
  code text not null,
  content jsonb not null,
  primary key (tenant, system, code, place)
);

create table closure_table (
  tenant int not null,
  name text not null,
  version int not null,
  primary key (tenant, name)
);
create table closure_concept (
  tenant int not null,
  name text not null,
  system text not null,
  code text not null,
  version int not null,
  primary key (tenant, name, system, code)
);
create table closure_link (
  tenant int not null,
  name text not null,
  version int not null,
  system text not null,
  source text not null,
  target text not null,
  equivalence text not null,
  primary key (tenant, name, version, system, source, target)
);
`
