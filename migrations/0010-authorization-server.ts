/** What the authorization server keeps: sessions, grants, codes and tokens, clients, keys. */

/**
 * `oidc_item.id` is the SHA-256 of what a client or browser holds: whoever reads the table cannot use what is in it. Only
 * grants are under their own name. `grant_id`, `session`, `account` and `client` are what items are revoked by.
 * `oidc_key.secret` is the private key as JWK, or the secret of cookies.
 * Every revocation is told to all processes (`token …`), which forget the tokens that they know.
 */
export const up = `
create table oidc_item (
  tenant int not null,
  model text not null,
  id text not null,
  grant_id text,
  session text,
  account text,
  client text,
  uid text,
  expires_at timestamptz,
  consumed_at timestamptz,
  payload jsonb not null,
  primary key (tenant, model, id)
);
create index oidc_item_grant on oidc_item (tenant, grant_id) where grant_id is not null;
create index oidc_item_session on oidc_item (tenant, session) where session is not null;
create index oidc_item_account on oidc_item (tenant, account) where account is not null;
create index oidc_item_client on oidc_item (tenant, client) where client is not null;
create unique index oidc_item_uid on oidc_item (tenant, model, uid) where uid is not null;
create index oidc_item_expiry on oidc_item (expires_at) where expires_at is not null;

create table oidc_client (
  tenant int not null,
  id text not null,
  metadata jsonb not null,
  secret_hash text,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant, id)
);

create table oidc_key (
  tenant int not null,
  kid text not null,
  use text not null check (use in ('sig', 'cookie')),
  alg text not null,
  secret sealed not null,
  created_at timestamptz not null,
  signs_from timestamptz not null,
  retired_at timestamptz,
  primary key (tenant, kid)
);

create function oidc_forget(of_tenant int, what text, whose text) returns void language sql as $$
  select pg_notify('lamplight', 'token ' || of_tenant || ' ' || what || ' ' || whose)
$$;
`
