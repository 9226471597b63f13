-- Tokens of the HTTP API. A token is an id and a random secret; only the SHA-256 of the secret is kept.
create table if not exists :tokens (
  id text primary key,
  name text not null,
  digest bytea not null check (octet_length(digest) = 32),
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
comment on table :tokens is 'Sluice: tokens of the HTTP API';
