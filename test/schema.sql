-- The schema after all migrations, written by npm run schema. A test compares it.

sequence concept_system_number_seq as integer start 1 increment 1 cache 1;

sequence tenant_number_seq as integer start 2 increment 1 cache 1;

table account (
  tenant integer not null,
  id uuid not null,
  email text collate "C" not null,
  display text not null,
  language text not null,
  roles text[] not null,
  links text[] not null default '{}'::text[],
  state text not null,
  demo boolean not null default false,
  person jsonb,
  password text,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint account_pkey PRIMARY KEY (tenant, id),
  constraint account_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'active'::text, 'inactive'::text])))
);
CREATE UNIQUE INDEX account_email ON public.account USING btree (tenant, email);
CREATE INDEX account_role ON public.account USING gin (roles);

table account_factor (
  tenant integer not null,
  account uuid not null,
  id text collate "C" not null,
  kind text not null,
  label text not null,
  secret sealed,
  public_key bytea,
  counter bigint not null default 0,
  transports text[] not null default '{}'::text[],
  confirmed boolean not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint account_factor_pkey PRIMARY KEY (tenant, account, id),
  constraint account_factor_kind_check CHECK ((kind = ANY (ARRAY['totp'::text, 'passkey'::text]))),
  constraint account_factor_tenant_account_fkey FOREIGN KEY (tenant, account) REFERENCES account(tenant, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX account_factor_passkey ON public.account_factor USING btree (tenant, id) WHERE (kind = 'passkey'::text);

table account_link (
  tenant integer not null,
  hash bytea not null,
  purpose text not null,
  account uuid,
  expires_at timestamp with time zone not null,
  constraint account_link_pkey PRIMARY KEY (tenant, hash),
  constraint account_link_purpose_check CHECK ((purpose = ANY (ARRAY['confirm'::text, 'invite'::text, 'reset'::text, 'first'::text]))),
  constraint account_link_tenant_account_fkey FOREIGN KEY (tenant, account) REFERENCES account(tenant, id) ON DELETE CASCADE
);
CREATE INDEX account_link_account ON public.account_link USING btree (tenant, account);

table account_recovery (
  tenant integer not null,
  account uuid not null,
  hash bytea not null,
  constraint account_recovery_pkey PRIMARY KEY (tenant, account, hash),
  constraint account_recovery_tenant_account_fkey FOREIGN KEY (tenant, account) REFERENCES account(tenant, id) ON DELETE CASCADE
);

table account_session (
  tenant integer not null,
  hash bytea not null,
  account uuid not null,
  stage text not null,
  methods text[] not null,
  challenge text,
  at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint account_session_pkey PRIMARY KEY (tenant, hash),
  constraint account_session_stage_check CHECK ((stage = ANY (ARRAY['password'::text, 'enrol'::text, 'full'::text]))),
  constraint account_session_tenant_account_fkey FOREIGN KEY (tenant, account) REFERENCES account(tenant, id) ON DELETE CASCADE
);
CREATE INDEX account_session_account ON public.account_session USING btree (tenant, account);

table attempt (
  tenant integer not null,
  subject bytea not null,
  began_at timestamp with time zone not null,
  count integer not null,
  constraint attempt_pkey PRIMARY KEY (tenant, subject)
);
CREATE INDEX attempt_began ON public.attempt USING btree (began_at);

table audit_checkpoint (
  tenant integer not null,
  sequence bigint not null,
  hash bytea not null,
  at timestamp(3) with time zone not null,
  removed bigint not null,
  signature text not null,
  constraint audit_checkpoint_pkey PRIMARY KEY (tenant, sequence)
);
CREATE TRIGGER audit_checkpoint_guard BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit_guard();

table audit_event (
  tenant integer not null statistics 20,
  sequence bigint not null statistics 20,
  at timestamp(3) with time zone not null statistics 20,
  id uuid not null statistics 0,
  type text not null statistics 20,
  subtype text not null statistics 20,
  action "char" not null statistics 20,
  outcome smallint not null statistics 20,
  address text statistics 20,
  keys bigint[] not null statistics 20,
  hash bytea not null statistics 0,
  content text not null statistics 0,
  constraint audit_event_pkey PRIMARY KEY (tenant, sequence)
) with (autovacuum_analyze_scale_factor=0.3, autovacuum_analyze_threshold=10000);
CREATE INDEX audit_event_at ON public.audit_event USING btree (tenant, at, sequence);
CREATE INDEX audit_event_failed ON public.audit_event USING btree (tenant, at, sequence) WHERE (outcome <> 0);
CREATE UNIQUE INDEX audit_event_id ON public.audit_event USING btree (tenant, id);
CREATE INDEX audit_event_keys ON public.audit_event USING gin (keys);
CREATE TRIGGER audit_event_guard BEFORE INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_guard();

table audit_head (
  tenant integer not null,
  sequence bigint not null,
  hash bytea not null,
  constraint audit_head_pkey PRIMARY KEY (tenant)
) with (fillfactor=50);

table closure_concept (
  tenant integer not null,
  name text not null,
  system text not null,
  code text not null,
  version integer not null,
  constraint closure_concept_pkey PRIMARY KEY (tenant, name, system, code)
);

table closure_link (
  tenant integer not null,
  name text not null,
  version integer not null,
  system text not null,
  source text not null,
  target text not null,
  equivalence text not null,
  constraint closure_link_pkey PRIMARY KEY (tenant, name, version, system, source, target)
);

table closure_table (
  tenant integer not null,
  name text not null,
  version integer not null,
  constraint closure_table_pkey PRIMARY KEY (tenant, name)
);

table concept (
  tenant integer not null,
  system integer not null,
  number integer not null,
  code text not null,
  display text,
  definition text,
  inactive boolean not null,
  abstract boolean not null,
  properties jsonb,
  designations jsonb,
  parents integer[],
  children integer[],
  above integer[],
  below int4multirange,
  words tsvector not null,
  constraint concept_pkey PRIMARY KEY (tenant, system, number)
);
CREATE UNIQUE INDEX concept_code ON public.concept USING btree (tenant, system, code) INCLUDE (number);
CREATE INDEX concept_words ON public.concept USING gin (words);

table concept_draft (
  tenant integer not null,
  system integer not null,
  place bigint not null,
  code text not null,
  content jsonb not null,
  constraint concept_draft_pkey PRIMARY KEY (tenant, system, code, place)
);

table concept_system (
  tenant integer not null,
  number integer not null identity a,
  url text not null,
  version text not null default ''::text,
  name text not null,
  state text not null,
  rows_read bigint not null default 0,
  count integer not null default 0,
  has_inactive boolean not null default false,
  properties jsonb not null default '[]'::jsonb,
  started_at timestamp with time zone not null default now(),
  active_at timestamp with time zone,
  constraint concept_system_pkey PRIMARY KEY (tenant, number),
  constraint concept_system_state_check CHECK ((state = ANY (ARRAY['reading'::text, 'building'::text, 'active'::text, 'replaced'::text])))
);
CREATE UNIQUE INDEX concept_system_active ON public.concept_system USING btree (tenant, url, version) WHERE (state = 'active'::text);
CREATE UNIQUE INDEX concept_system_loading ON public.concept_system USING btree (tenant, url, version) WHERE (state = ANY (ARRAY['reading'::text, 'building'::text]));

table definition_change (
  tenant integer not null,
  generation bigint not null,
  type smallint not null,
  id uuid not null,
  constraint definition_change_pkey PRIMARY KEY (tenant, generation)
);

table definition_generation (
  tenant integer not null,
  generation bigint not null,
  parameters bigint not null default 0,
  before bigint not null default 0,
  tx bigint not null default 0,
  constraint definition_generation_pkey PRIMARY KEY (tenant)
) with (fillfactor=50);

table index_build (
  name text not null,
  total bigint not null,
  done bigint not null default 0,
  after_tenant integer,
  after_type smallint,
  after_id uuid,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  kind text not null default 'values'::text,
  tenant integer,
  types smallint[],
  edition text,
  definition jsonb,
  base text,
  waits_for text[],
  rows numeric not null default 0,
  checksum numeric not null default 0,
  constraint index_build_pkey PRIMARY KEY (name)
);
CREATE INDEX index_build_tenant ON public.index_build USING btree (tenant, edition);

table mail (
  tenant integer not null,
  id uuid not null,
  recipient text not null,
  subject text not null,
  content text,
  state text not null,
  attempts integer not null default 0,
  next_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  constraint mail_pkey PRIMARY KEY (tenant, id),
  constraint mail_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE INDEX mail_waiting ON public.mail USING btree (next_at) WHERE (state = 'waiting'::text);

table oidc_client (
  tenant integer not null,
  id text not null,
  metadata jsonb not null,
  secret_hash text,
  active boolean not null default true,
  created_at timestamp with time zone not null default now(),
  constraint oidc_client_pkey PRIMARY KEY (tenant, id)
);

table oidc_item (
  tenant integer not null,
  model text not null,
  id text not null,
  grant_id text,
  session text,
  account text,
  client text,
  uid text,
  expires_at timestamp with time zone,
  consumed_at timestamp with time zone,
  payload jsonb not null,
  constraint oidc_item_pkey PRIMARY KEY (tenant, model, id)
);
CREATE INDEX oidc_item_account ON public.oidc_item USING btree (tenant, account) WHERE (account IS NOT NULL);
CREATE INDEX oidc_item_client ON public.oidc_item USING btree (tenant, client) WHERE (client IS NOT NULL);
CREATE INDEX oidc_item_expiry ON public.oidc_item USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX oidc_item_grant ON public.oidc_item USING btree (tenant, grant_id) WHERE (grant_id IS NOT NULL);
CREATE INDEX oidc_item_session ON public.oidc_item USING btree (tenant, session) WHERE (session IS NOT NULL);
CREATE UNIQUE INDEX oidc_item_uid ON public.oidc_item USING btree (tenant, model, uid) WHERE (uid IS NOT NULL);

table oidc_key (
  tenant integer not null,
  kid text not null,
  use text not null,
  alg text not null,
  secret sealed not null,
  created_at timestamp with time zone not null,
  signs_from timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint oidc_key_pkey PRIMARY KEY (tenant, kid),
  constraint oidc_key_use_check CHECK ((use = ANY (ARRAY['sig'::text, 'cookie'::text])))
);

table posted_parameter (
  tenant integer not null,
  id uuid not null,
  since bigint not null,
  digest text not null,
  constraint posted_parameter_pkey PRIMARY KEY (tenant, id)
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
CREATE INDEX resource_code ON public.resource USING btree ((tokens[2]), date_low) WHERE ((tokens[2] & ('-16'::integer)::bigint) <> '-16'::integer);
CREATE INDEX resource_date ON public.resource USING btree (tenant, type, date_low, id) WHERE (date_low IS NOT NULL);
CREATE INDEX resource_date_long ON public.resource USING btree (tenant, type, date_high) WHERE ((date_high - date_low) > '32 days'::interval);
CREATE INDEX resource_fhir_id ON public.resource USING btree (tenant, type, fhir_id) WHERE (fhir_id IS NOT NULL);
CREATE INDEX resource_key ON public.resource USING btree (reference_token((0)::bigint, id));
CREATE INDEX resource_second_code ON public.resource USING btree ((tokens[3]), date_low) WHERE ((tokens[3] & ('-16'::integer)::bigint) <> '-16'::integer);
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

table sealing_key (
  id text not null,
  used_since timestamp with time zone not null default now(),
  constraint sealing_key_pkey PRIMARY KEY (id)
);

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
CREATE INDEX search_string_trigrams ON public.search_string USING gin (trigrams(folded)) WITH (fastupdate='on', gin_pending_list_limit='512');
CREATE INDEX search_string_value ON public.search_string USING btree (tenant, parameter, folded, id);

table search_text (
  tenant integer not null,
  token bigint not null,
  parameter integer not null,
  words tsvector not null,
  constraint search_text_pkey PRIMARY KEY (tenant, token)
);
CREATE INDEX search_text_words ON public.search_text USING gin (words) WITH (fastupdate='on', gin_pending_list_limit='512');

table tenant (
  number integer not null identity d,
  name text not null,
  display text not null,
  hosts text[] not null default '{}'::text[],
  active boolean not null default true,
  created_at timestamp(3) with time zone not null default now(),
  settings jsonb not null default '{}'::jsonb,
  constraint tenant_pkey PRIMARY KEY (number),
  constraint tenant_name_check CHECK ((name ~ '^[a-z0-9](-{0,1}[a-z0-9]){0,62}$'::text)),
  constraint tenant_name_key UNIQUE (name)
);
CREATE TRIGGER tenant_changed AFTER INSERT OR DELETE OR UPDATE ON public.tenant FOR EACH STATEMENT EXECUTE FUNCTION tenants_changed();

row security:
  account: all_rows, tenant_rows
  account_factor: all_rows, tenant_rows
  account_link: all_rows, tenant_rows
  account_recovery: all_rows, tenant_rows
  account_session: all_rows, tenant_rows
  attempt: all_rows, tenant_rows
  audit_checkpoint: all_rows, tenant_rows
  audit_event: all_rows, tenant_rows
  audit_head: all_rows, tenant_rows
  closure_concept: all_rows, tenant_rows
  closure_link: all_rows, tenant_rows
  closure_table: all_rows, tenant_rows
  concept_system: all_rows, tenant_rows
  definition_change: all_rows, tenant_rows
  definition_generation: all_rows, tenant_rows
  index_build: all_rows, tenant_rows
  mail: all_rows, tenant_rows
  oidc_client: all_rows, tenant_rows
  oidc_item: all_rows, tenant_rows
  oidc_key: all_rows, tenant_rows
  posted_parameter: all_rows, tenant_rows
  resource: all_rows, tenant_rows
  resource_version: all_rows, tenant_rows
  search_date: all_rows, tenant_rows
  search_quantity: all_rows, tenant_rows
  search_string: all_rows, tenant_rows
  search_text: all_rows, tenant_rows

CREATE OR REPLACE FUNCTION public.audit_append(of_tenant integer, ids uuid[], ats double precision[], types text[], subtypes text[], actions text[], outcomes smallint[], addresses text[], keyed bigint[], upto integer[], contents text[])
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
declare
  start bigint;
  place bigint;
  link bytea;
  hashes bytea[] := '{}';
  known uuid[];
  fresh int[];
  n int;
begin
  select h.sequence, h.hash into start, link from audit_head h where h.tenant = of_tenant for update;
  if not found then
    insert into audit_head values (of_tenant, 0, audit_genesis(of_tenant)) on conflict do nothing;
    select h.sequence, h.hash into start, link from audit_head h where h.tenant = of_tenant for update;
  end if;
  select array_agg(e.id) into known from audit_event e where e.tenant = of_tenant and e.id = any(ids);
  fresh := array(
    select i from generate_subscripts(ids, 1) i where known is null or ids[i] <> all(known) order by i);
  place := start;
  foreach n in array fresh loop
    place := place + 1;
    link := sha256(link || int8send(place) || convert_to(contents[n], 'UTF8'));
    hashes := hashes || link;
  end loop;
  if place = start then return 0; end if;
  perform set_config('lamplight.audit', 'INSERT', true);
  insert into audit_event (tenant, sequence, at, id, type, subtype, action, outcome, address, keys, hash, content)
  select of_tenant, start + f.k, to_timestamp(ats[f.n] / 1000), ids[f.n], types[f.n], subtypes[f.n],
    actions[f.n]::"char", outcomes[f.n], addresses[f.n], keyed[coalesce(upto[f.n - 1], 0) + 1:upto[f.n]], f.hash,
    contents[f.n]
  from unnest(fresh, hashes) with ordinality f(n, hash, k);
  perform set_config('lamplight.audit', '', true);
  update audit_head h set sequence = place, hash = link where h.tenant = of_tenant;
  return cardinality(fresh);
end $function$
;

CREATE OR REPLACE FUNCTION public.audit_genesis(of_tenant integer)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select sha256(convert_to('lamplight audit ' || of_tenant, 'UTF8'))
$function$
;

CREATE OR REPLACE FUNCTION public.audit_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if coalesce(current_setting('lamplight.audit', true), '') <> tg_op then
    raise exception using errcode = '42501', message = 'audit events are appended by audit_append and never changed';
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.audit_retire(of_tenant integer, up_to bigint, signed text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO '$user', 'public'
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.definition_changed(of_tenant integer, of_type smallint, of_id uuid, json_now jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.oidc_forget(of_tenant integer, what text, whose text)
 RETURNS void
 LANGUAGE sql
AS $function$
  select pg_notify('lamplight', 'token ' || of_tenant || ' ' || what || ' ' || whose)
$function$
;

CREATE OR REPLACE FUNCTION public.parameter_digest(kind smallint, content jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when kind = 123 and content->>'status' = 'active' then md5(jsonb_build_array(
    content->'url', content->'code', content->'type', content->'base', content->'expression', content->'target',
    content->'component')::text) end
$function$
;

CREATE OR REPLACE FUNCTION public.reference_token(prefix bigint, id uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((prefix # (SUBSTRING(uuid_send(id) FROM 1 FOR 8))::bigint) # (SUBSTRING(uuid_send(id) FROM 9 FOR 8))::bigint)
;

CREATE OR REPLACE FUNCTION public.refresh_statistics(wanted regclass DEFAULT NULL::regclass)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare t record;
begin
  if wanted is null and not pg_try_advisory_xact_lock(5264012) then return; end if;
  for t in
    select s.relid::regclass as name
    from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = 'public' and case when wanted is null
      then s.relname <> 'audit_event' and s.n_mod_since_analyze > 5000 + 0.2 * greatest(c.reltuples, 0)
      else s.relid = wanted end
  loop
    execute format('analyze %s', t.name);
  end loop;
end $function$
;

CREATE OR REPLACE FUNCTION public.stale_definitions()
 RETURNS bigint[]
 LANGUAGE plpgsql
AS $function$
begin
  raise exception using errcode = 'LD001', message = 'the search parameters have changed';
end $function$
;

CREATE OR REPLACE FUNCTION public.stop_statement(process integer)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select pg_cancel_backend(pid) from pg_stat_activity
  where pid = process and datname = current_database() and application_name = 'lamplight'
$function$
;

CREATE OR REPLACE FUNCTION public.tenants_changed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('lamplight', 'tenants');
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.trigrams(folded text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT LEAKPROOF
RETURN ARRAY(SELECT substr(trigrams.folded, n.n, 3) AS substr FROM generate_series(1, (length(trigrams.folded) - 2)) n(n))
;
