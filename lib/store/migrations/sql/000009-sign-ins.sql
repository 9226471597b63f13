-- Sign-ins of people in a browser, one-time codes that become sign-ins, and the keys by which servers sign what they give to a page.
-- Only the login of a server may use them: who can write here can make itself an admin.
--
-- A row is found by the SHA-256 of its secret. What has no token was made by a command that reached the database itself; `person` says
-- who ran it. No reference to the token: a server may read tokens, and not lock them.
create table if not exists :sessions (
  id_hash bytea primary key check (octet_length(id_hash) = 32),
  kind text not null check (kind in ('session', 'code')),
  token_id text,
  person text,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
comment on table :sessions is 'Sluice: people who are signed in, and one-time codes';

-- One key a day and purpose, whichever server comes first; each is good for two days.
create table if not exists :secrets (
  name text not null,
  key bytea not null check (octet_length(key) = 32),
  created_at timestamptz not null,
  retired_at timestamptz not null,
  primary key (name, created_at)
);
comment on table :secrets is 'Sluice: keys by which servers sign what they give to pages';

-- The person behind a token: one who has several is still one.
alter table :tokens add column if not exists person text;
