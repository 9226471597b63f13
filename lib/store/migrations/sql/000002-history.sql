-- The position, the history, and the triggers that keep both, whoever writes to the two tables.
--
-- Everything that touches :state runs in deferred constraint triggers, at the end of a transaction. That makes the lock
-- on its one row the last lock a transaction takes: an ordinary trigger takes it first and then deadlocks with other
-- writers, and a sequence in its place hands out numbers that become visible out of order, so that readers miss changes.

create table if not exists :state (
  singleton boolean primary key default true check (singleton),
  database_id uuid not null default gen_random_uuid(),
  version bigint not null default 0,
  nonce uuid not null default gen_random_uuid(),
  -- The nonce of version 0, which no history row names.
  origin uuid
);
comment on table :state is 'Sluice: the position of all feature flags';

insert into :state (nonce, origin)
select id, id
from (select gen_random_uuid() as id) first
on conflict do nothing;

create table if not exists :history (
  id bigint generated always as identity primary key,
  version bigint not null,
  nonce uuid not null,
  at timestamptz not null default clock_timestamp(),
  feature_key text not null,
  -- Null for the feature's own row.
  gate_key text,
  value text,
  operation text not null check (operation in ('added', 'removed')),
  author text not null,
  source text not null,
  reason text,
  change_id text
);
comment on table :history is 'Sluice: every change of a feature flag, append-only';

create index if not exists feature_history_position on :history (version, nonce);
create index if not exists feature_history_feature on :history (feature_key, version);
create index if not exists feature_history_change on :history (change_id) where change_id is not null;

-- The position of this transaction as `<transaction> <version> <nonce>`, taken at the first call. The transaction id
-- inside tells this transaction's position from one that a session-wide setting could have left; once set, the setting
-- reads '' in later transactions, not null.
create or replace function :schema.feature_next_position() returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  taken text := current_setting('sluice.position', true);
  this_transaction text := pg_current_xact_id()::text;
  new_version bigint;
  new_nonce uuid;
begin
  if split_part(coalesce(taken, ''), ' ', 1) = this_transaction then
    return taken;
  end if;
  insert into :state as state (singleton, version)
  values (true, 1)
  on conflict (singleton) do update
  set version = state.version + 1, nonce = gen_random_uuid()
  returning state.version, state.nonce into new_version, new_nonce;
  taken := concat_ws(' ', this_transaction, new_version, new_nonce);
  perform set_config('sluice.position', taken, true);
  perform pg_notify('feature_state', new_version::text);
  return taken;
end
$$;

create or replace function :schema.feature_record(feature_key text, gate_key text, value text, operation text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  taken text := :schema.feature_next_position();
begin
  insert into :history (version, nonce, feature_key, gate_key, value, operation, author, source, reason, change_id)
  values (
    split_part(taken, ' ', 2)::bigint,
    split_part(taken, ' ', 3)::uuid,
    feature_key,
    gate_key,
    value,
    operation,
    coalesce(nullif(current_setting('sluice.author', true), ''), 'db:' || session_user),
    coalesce(nullif(current_setting('sluice.source', true), ''), 'sql'),
    nullif(current_setting('sluice.reason', true), ''),
    nullif(current_setting('sluice.change_id', true), '')
  );
end
$$;

create or replace function :schema.feature_flag_changed() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and new.key is not distinct from old.key then
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform :schema.feature_record(old.key::text, null, null, 'removed');
  end if;
  if tg_op <> 'DELETE' then
    perform :schema.feature_record(new.key::text, null, null, 'added');
  end if;
  return null;
end
$$;

create or replace function :schema.feature_gate_changed() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  if tg_op = 'UPDATE' and (new.feature_key, new.key, new.value) is not distinct from (old.feature_key, old.key, old.value) then
    return null;
  end if;
  if tg_op <> 'INSERT' then
    perform :schema.feature_record(old.feature_key::text, old.key::text, old.value::text, 'removed');
  end if;
  if tg_op <> 'DELETE' then
    perform :schema.feature_record(new.feature_key::text, new.key::text, new.value::text, 'added');
  end if;
  return null;
end
$$;

-- TRUNCATE fires no row triggers and cannot be deferred itself: its rows are noted as version 0 while they can still be
-- read, and get their position from the deferred trigger below, like all others.
create or replace function :schema.feature_rows_truncated() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  insert into :history (version, nonce, feature_key, gate_key, value, operation, author, source, reason, change_id)
  select
    0,
    '00000000-0000-0000-0000-000000000000',
    gone.feature_key,
    gone.gate_key,
    gone.value,
    'removed',
    coalesce(nullif(current_setting('sluice.author', true), ''), 'db:' || session_user),
    coalesce(nullif(current_setting('sluice.source', true), ''), 'sql'),
    nullif(current_setting('sluice.reason', true), ''),
    nullif(current_setting('sluice.change_id', true), '')
  from (
    select feature.key::text as feature_key, null::text as gate_key, null::text as value
    from :features feature
    where tg_argv[0] = 'features'
    union all
    select gate.feature_key::text, gate.key::text, gate.value::text
    from :gates gate
    where tg_argv[0] = 'gates'
  ) gone;
  return null;
end
$$;

create or replace function :schema.feature_history_settle() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
declare
  taken text := :schema.feature_next_position();
begin
  update :history
  set version = split_part(taken, ' ', 2)::bigint, nonce = split_part(taken, ' ', 3)::uuid
  where id = new.id;
  return null;
end
$$;

revoke all on function :schema.feature_next_position() from public;
revoke all on function :schema.feature_record(text, text, text, text) from public;
revoke all on function :schema.feature_flag_changed() from public;
revoke all on function :schema.feature_gate_changed() from public;
revoke all on function :schema.feature_rows_truncated() from public;
revoke all on function :schema.feature_history_settle() from public;

drop trigger if exists feature_history_record on :features;
create constraint trigger feature_history_record
after insert or update or delete on :features
deferrable initially deferred
for each row execute function :schema.feature_flag_changed();

drop trigger if exists feature_history_truncate on :features;
create trigger feature_history_truncate
before truncate on :features
for each statement execute function :schema.feature_rows_truncated('features');

drop trigger if exists feature_history_record on :gates;
create constraint trigger feature_history_record
after insert or update or delete on :gates
deferrable initially deferred
for each row execute function :schema.feature_gate_changed();

drop trigger if exists feature_history_truncate on :gates;
create trigger feature_history_truncate
before truncate on :gates
for each statement execute function :schema.feature_rows_truncated('gates');

drop trigger if exists feature_history_settle on :history;
create constraint trigger feature_history_settle
after insert on :history
deferrable initially deferred
for each row when (new.version = 0)
execute function :schema.feature_history_settle();
