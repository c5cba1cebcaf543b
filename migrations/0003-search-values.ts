/** Values that searches compare: dates in the resource's row, strings, further dates and quantities in side tables. */

/**
 * `parameter` is the 32-bit hash of `Type.parameter`. Dates are `low <= t < high`; open ends are the years 1 and 9999. `folded` is what strings are
 * compared by: its first 200 characters, the whole of longer ones in `rest`; `exact` is null where it is the same.
 * `code` is the hash of a code that the quantity belongs to, 0 where there is none, `coded` the one with its system.
 * A quantity's canonical value is in UCUM base units. `reference_token` gives the token of a reference to a row, from
 * the hash of what stands before the id.
 */
export const up = `
alter table resource
  add column date_low timestamptz,
  add column date_high timestamptz;
create index resource_date on resource (tenant, type, date_low, id) where date_low is not null;
create index resource_undated on resource (tenant, type, id) where date_low is null;
create index resource_date_long on resource (tenant, type, date_high)
  where date_high - date_low > interval '32 days';

create table search_string (
  tenant int not null,
  parameter int not null,
  type smallint not null,
  id uuid not null,
  folded text collate "C" not null,
  rest text collate "C",
  exact text collate "C"
);
create index search_string_value on search_string (tenant, parameter, folded, id);
create index search_string_rest on search_string (tenant, parameter) where rest is not null;
create index search_string_id on search_string (tenant, type, id);

create table search_date (
  tenant int not null,
  parameter int not null,
  type smallint not null,
  id uuid not null,
  low timestamptz not null,
  high timestamptz not null
);
create index search_date_value on search_date (tenant, parameter, low, high, id);
create index search_date_long on search_date (tenant, parameter, high) where high - low > interval '32 days';
create index search_date_id on search_date (tenant, type, id);

create table search_quantity (
  tenant int not null,
  parameter int not null,
  type smallint not null,
  id uuid not null,
  code bigint not null,
  coded bigint not null,
  low float8 not null,
  high float8 not null,
  canonical_low float8,
  canonical_high float8,
  system_unit bigint,
  code_unit bigint,
  name_unit bigint
);
create index search_quantity_value on search_quantity (tenant, parameter, code, low, id);
create index search_quantity_canonical on search_quantity (tenant, parameter, code, system_unit, canonical_low, id)
  where canonical_low is not null;
create index search_quantity_wide on search_quantity (tenant, parameter) where low <> high;
create index search_quantity_id on search_quantity (tenant, type, id);

create function reference_token(prefix bigint, id uuid) returns bigint
language sql immutable strict parallel safe
return prefix
  # ('x' || substr(replace(id::text, '-', ''), 1, 16))::bit(64)::bigint
  # ('x' || substr(replace(id::text, '-', ''), 17, 16))::bit(64)::bigint;
`
