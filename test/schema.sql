-- The schema after all migrations, written by npm run schema. A test compares it.

table resource (
  tenant integer not null,
  type smallint not null,
  id uuid not null,
  version integer not null,
  last_updated timestamp(3) with time zone not null,
  fhir_id text collate "C",
  tokens bigint[] not null,
  constraint resource_pkey PRIMARY KEY (tenant, type, id)
) with (fillfactor=85);
CREATE INDEX resource_fhir_id ON public.resource USING btree (tenant, type, fhir_id) WHERE (fhir_id IS NOT NULL);
CREATE INDEX resource_tokens ON public.resource USING gin (tokens) WITH (fastupdate='on', gin_pending_list_limit='512');

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
