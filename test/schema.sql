-- The schema after all migrations, written by npm run schema. A test compares it.

table index_build (
  name text not null,
  total bigint not null,
  done bigint not null default 0,
  after_tenant integer,
  after_type smallint,
  after_id uuid,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  constraint index_build_pkey PRIMARY KEY (name)
);

table resource (
  tenant integer not null,
  type smallint not null,
  id uuid not null,
  version integer not null,
  last_updated timestamp(3) with time zone not null,
  fhir_id text collate "C",
  tokens bigint[] not null,
  date_low timestamp with time zone,
  date_high timestamp with time zone,
  constraint resource_pkey PRIMARY KEY (tenant, type, id)
) with (fillfactor=85);
CREATE INDEX resource_date ON public.resource USING btree (tenant, type, date_low, id) WHERE (date_low IS NOT NULL);
CREATE INDEX resource_date_long ON public.resource USING btree (tenant, type, date_high) WHERE ((date_high - date_low) > '32 days'::interval);
CREATE INDEX resource_fhir_id ON public.resource USING btree (tenant, type, fhir_id) WHERE (fhir_id IS NOT NULL);
CREATE INDEX resource_key ON public.resource USING btree (reference_token((0)::bigint, id));
CREATE INDEX resource_tokens ON public.resource USING gin (tokens) WITH (fastupdate='on', gin_pending_list_limit='512');
CREATE INDEX resource_undated ON public.resource USING btree (tenant, type, id) WHERE (date_low IS NULL);

table resource_type (
  type smallint not null,
  name text not null,
  constraint resource_type_pkey PRIMARY KEY (type),
  constraint resource_type_name_key UNIQUE (name)
);

table resource_version (
  tenant integer not null,
  type smallint not null,
  id uuid not null,
  version integer not null,
  last_updated timestamp(3) with time zone not null,
  tx bigint not null default ((pg_current_xact_id())::text)::bigint,
  method "char" not null,
  fhir_id text collate "C",
  content text,
  "json" jsonb,
  constraint resource_version_pkey PRIMARY KEY (tenant, type, id, version)
);
CREATE INDEX resource_version_system ON public.resource_version USING btree (tenant, last_updated);
CREATE INDEX resource_version_tx ON public.resource_version USING brin (tx) WITH (pages_per_range='32', autosummarize='on');
CREATE INDEX resource_version_type ON public.resource_version USING btree (tenant, type, last_updated);

table search_date (
  tenant integer not null,
  parameter integer not null,
  type smallint not null,
  id uuid not null,
  low timestamp with time zone not null,
  high timestamp with time zone not null
);
CREATE INDEX search_date_id ON public.search_date USING btree (tenant, type, id);
CREATE INDEX search_date_long ON public.search_date USING btree (tenant, parameter, high) WHERE ((high - low) > '32 days'::interval);
CREATE INDEX search_date_value ON public.search_date USING btree (tenant, parameter, low, high, id);

table search_quantity (
  tenant integer not null,
  parameter integer not null,
  type smallint not null,
  id uuid not null,
  code bigint not null,
  coded bigint not null,
  low double precision not null,
  high double precision not null,
  canonical_low double precision,
  canonical_high double precision,
  system_unit bigint,
  code_unit bigint,
  name_unit bigint
);
CREATE INDEX search_quantity_canonical ON public.search_quantity USING btree (tenant, parameter, code, system_unit, canonical_low, id) WHERE (canonical_low IS NOT NULL);
CREATE INDEX search_quantity_id ON public.search_quantity USING btree (tenant, type, id);
CREATE INDEX search_quantity_value ON public.search_quantity USING btree (tenant, parameter, code, low, id);
CREATE INDEX search_quantity_wide ON public.search_quantity USING btree (tenant, parameter) WHERE (low <> high);

table search_string (
  tenant integer not null,
  parameter integer not null,
  type smallint not null,
  id uuid not null,
  folded text collate "C" not null,
  rest text collate "C",
  exact text collate "C"
);
CREATE INDEX search_string_id ON public.search_string USING btree (tenant, type, id);
CREATE INDEX search_string_rest ON public.search_string USING btree (tenant, parameter) WHERE (rest IS NOT NULL);
CREATE INDEX search_string_value ON public.search_string USING btree (tenant, parameter, folded, id);

table search_text (
  tenant integer not null,
  token bigint not null,
  parameter integer not null,
  words tsvector not null,
  constraint search_text_pkey PRIMARY KEY (tenant, token)
);
CREATE INDEX search_text_words ON public.search_text USING gin (words) WITH (fastupdate='on', gin_pending_list_limit='512');

CREATE OR REPLACE FUNCTION public.reference_token(prefix bigint, id uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((prefix # ((('x'::text || substr(replace((id)::text, '-'::text, ''::text), 1, 16)))::bit(64))::bigint) # ((('x'::text || substr(replace((id)::text, '-'::text, ''::text), 17, 16)))::bit(64))::bigint)
;
