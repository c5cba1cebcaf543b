/** People who sign in: accounts, what proves who they are, what they were sent, and how often they failed. */

/**
 * `email` is the normalised form and unique in a tenant. An account waits until its holder has followed the link of a
 * mail. Links, sessions and recovery codes are kept as SHA-256 hashes, passwords as PHC strings of argon2id, secrets of TOTP sealed. `attempt`
 * counts by hashes of what is counted, whether such an account exists or not. `mail` is the outbox; its text is emptied
 * when it was delivered, as it may hold a link.
 */
export const up = `
create table account (
  tenant int not null,
  id uuid not null,
  email text collate "C" not null,
  display text not null,
  language text not null,
  roles text[] not null,
  links text[] not null default '{}',
  state text not null check (state in ('waiting', 'active', 'inactive')),
  demo boolean not null default false,
  person jsonb,
  password text,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant, id)
);
create unique index account_email on account (tenant, email);
create index account_role on account using gin (roles);

create table account_factor (
  tenant int not null,
  account uuid not null,
  id text collate "C" not null,
  kind text not null check (kind in ('totp', 'passkey')),
  label text not null,
  secret sealed,
  public_key bytea,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  confirmed boolean not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant, account, id),
  foreign key (tenant, account) references account on delete cascade
);
create unique index account_factor_passkey on account_factor (tenant, id) where kind = 'passkey';

create table account_recovery (
  tenant int not null,
  account uuid not null,
  hash bytea not null,
  primary key (tenant, account, hash),
  foreign key (tenant, account) references account on delete cascade
);

create table account_link (
  tenant int not null,
  hash bytea not null,
  purpose text not null check (purpose in ('confirm', 'invite', 'reset', 'first')),
  account uuid,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, account) references account on delete cascade
);
create index account_link_account on account_link (tenant, account);

create table account_session (
  tenant int not null,
  hash bytea not null,
  account uuid not null,
  stage text not null check (stage in ('password', 'enrol', 'full')),
  methods text[] not null,
  challenge text,
  at timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant, hash),
  foreign key (tenant, account) references account on delete cascade
);
create index account_session_account on account_session (tenant, account);

create table attempt (
  tenant int not null,
  subject bytea not null,
  began_at timestamptz not null,
  count int not null,
  primary key (tenant, subject)
);
create index attempt_began on attempt (began_at);

create table mail (
  tenant int not null,
  id uuid not null,
  recipient text not null,
  subject text not null,
  content text,
  state text not null check (state in ('waiting', 'sent', 'failed')),
  attempts int not null default 0,
  next_at timestamptz not null,
  created_at timestamptz not null,
  sent_at timestamptz,
  primary key (tenant, id)
);
create index mail_waiting on mail (next_at) where state = 'waiting';
`
