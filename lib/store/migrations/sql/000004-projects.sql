-- Projects with flags of their own: what SDKs read. Triggers keep revision, history and position, whoever writes.
--
-- A project's revision and nonce change with each transaction that changes anything in it, so content under one nonce never
-- changes. The revision never falls below the seconds since 2026: after a restore the next one is above every revision that
-- an SDK was told, and it fits 31 bits until 2094.
--
-- The row of :project_state is locked last, at the end of a transaction, as that of :state is.

create table if not exists :directory (
  id bigint generated always as identity primary key,
  path text not null check (length(path) between 1 and 255),
  name text not null check (length(name) between 1 and 255),
  access text not null default 'enabled' check (access in ('enabled', 'disabled')),
  minimum_role text not null default 'developer'
    check (minimum_role in ('developer', 'maintainer', 'owner', 'no_one_allowed')),
  streaming boolean not null default false,
  revision integer not null default 0,
  nonce uuid not null default gen_random_uuid(),
  next_flag_iid integer not null default 1,
  next_list_iid integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table :directory is 'Sluice: projects with flags of their own';
create unique index if not exists project_directory_path on :directory (lower(path));

-- Strategies and scopes have ids of one sequence: [{id, name, parameters, user_list_id, scopes: [{id, environment_scope}]}].
create sequence if not exists :schema.project_strategy_ids;

create table if not exists :project_flags (
  id bigint generated always as identity primary key,
  project_id bigint not null references :directory on delete cascade,
  iid integer not null,
  name text not null,
  description text,
  active boolean not null default true,
  strategies jsonb not null default '[]' check (jsonb_typeof(strategies) = 'array'),
  revision integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name),
  unique (project_id, iid)
);
comment on table :project_flags is 'Sluice: flags of projects';

create table if not exists :user_lists (
  id bigint generated always as identity primary key,
  project_id bigint not null references :directory on delete cascade,
  iid integer not null,
  name text not null,
  user_xids text not null default '',
  revision integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, name),
  unique (project_id, iid)
);
comment on table :user_lists is 'Sluice: lists of users of projects';

create table if not exists :instance_ids (
  id bigint generated always as identity primary key,
  project_id bigint not null references :directory on delete cascade,
  name text not null,
  secret text not null unique,
  -- Null: the SDK names its environment as its application.
  environment text,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  retired_at timestamptz
);
comment on table :instance_ids is 'Sluice: secrets by which SDKs read the flags of a project';
create index if not exists project_instance_ids_project on :instance_ids (project_id);

-- Without a reference to the project: its history stays when it is deleted.
create table if not exists :project_history (
  id bigint generated always as identity primary key,
  project_id bigint not null,
  project_path text not null,
  revision integer not null,
  at timestamptz not null default clock_timestamp(),
  kind text not null check (kind in ('project', 'settings', 'flag', 'user_list', 'instance_id')),
  subject text not null,
  before jsonb,
  after jsonb,
  author text not null,
  source text not null,
  reason text,
  change_id text
);
comment on table :project_history is 'Sluice: every change of a project, append-only';
create index if not exists project_history_project on :project_history (project_id, id);
create index if not exists project_history_change on :project_history (change_id) where change_id is not null;

create table if not exists :project_state (
  singleton boolean primary key default true check (singleton),
  version bigint not null default 0,
  nonce uuid not null default gen_random_uuid(),
  origin uuid
);
comment on table :project_state is 'Sluice: the position of all projects';

insert into :project_state (nonce, origin)
select id, id
from (select gen_random_uuid() as id) first
on conflict do nothing;

create table if not exists :project_positions (
  version bigint not null,
  nonce uuid not null,
  project_id bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (version, project_id)
);
comment on table :project_positions is 'Sluice: the projects that each position changed, for a week';
create index if not exists project_positions_at on :project_positions (at);

create or replace function :schema.project_next_revision(revision integer) returns integer
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
  select greatest(revision + 1, extract(epoch from now())::integer - 1767225600)
$$;

-- Moves the revision of a project once a transaction; null if there is no such project, or no longer.
create or replace function :schema.project_touch(project bigint) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  mark text := concat_ws(' ', pg_current_xact_id()::text, project, '');
  taken text := coalesce(current_setting('sluice.project_touched', true), '');
  moved integer;
begin
  if starts_with(taken, mark) then
    return substr(taken, length(mark) + 1)::integer;
  end if;
  update :directory as directory
  set revision = :schema.project_next_revision(directory.revision), nonce = gen_random_uuid(), updated_at = now()
  where directory.id = project
  returning directory.revision into moved;
  if moved is not null then
    perform set_config('sluice.project_touched', mark || moved, true);
  end if;
  return moved;
end
$$;

create or replace function :schema.project_record(
  project bigint, path text, revision integer, kind text, subject text, before jsonb, after jsonb
) returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
  insert into :project_history (
    project_id, project_path, revision, kind, subject, before, after, author, source, reason, change_id
  )
  values (
    project,
    path,
    revision,
    kind,
    subject,
    before,
    after,
    coalesce(nullif(current_setting('sluice.author', true), ''), 'db:' || session_user),
    coalesce(nullif(current_setting('sluice.source', true), ''), 'sql'),
    nullif(current_setting('sluice.reason', true), ''),
    nullif(current_setting('sluice.change_id', true), '')
  )
$$;

-- Before a row of a flag or a list is written: it gets the revision of its project.
create or replace function :schema.project_row_written() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  new.revision := coalesce(:schema.project_touch(new.project_id), new.revision);
  if tg_op = 'UPDATE' then
    new.updated_at := now();
  end if;
  return new;
end
$$;

-- What history keeps of a row: never a secret, and of a long list only what came and went.
create or replace function :schema.project_row_kept(kind text, stored jsonb, other jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  kept jsonb := stored - array['project_id', 'revision', 'created_at', 'updated_at', 'secret', 'last_used_at'];
begin
  if stored is null or kind <> 'user_list' or other is null then
    return kept;
  end if;
  return (kept - 'user_xids') || jsonb_build_object(
    'user_xids_only_here',
    (
      select coalesce(string_agg(xid, ','), '')
      from unnest(string_to_array(stored ->> 'user_xids', ',')) as xid
      where xid <> all (string_to_array(other ->> 'user_xids', ','))
    )
  );
end
$$;

create or replace function :schema.project_row_changed() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
declare
  kind text := tg_argv[0];
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  now_is jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  project bigint := (coalesce(now_is, was) ->> 'project_id')::bigint;
  moved integer;
begin
  -- The use of a secret is noted often, and is no change.
  if tg_op = 'UPDATE' and (was - 'last_used_at') = (now_is - 'last_used_at') then
    return null;
  end if;
  moved := :schema.project_touch(project);
  -- The project itself is being deleted, which is in its history.
  if moved is null then
    return null;
  end if;
  perform :schema.project_record(
    project,
    (select path from :directory where id = project),
    moved,
    kind,
    coalesce(now_is, was) ->> 'name',
    :schema.project_row_kept(kind, was, now_is),
    :schema.project_row_kept(kind, now_is, was)
  );
  return null;
end
$$;

-- Settings are a change of the project like any other.
create or replace function :schema.project_written() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  if (new.path, new.name, new.access, new.minimum_role, new.streaming)
    is distinct from (old.path, old.name, old.access, old.minimum_role, old.streaming)
    and new.revision = old.revision then
    new.revision := :schema.project_next_revision(old.revision);
    new.nonce := gen_random_uuid();
    new.updated_at := now();
  end if;
  return new;
end
$$;

create or replace function :schema.project_changed() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
declare
  kept text[] := array['id', 'path', 'name', 'access', 'minimum_role', 'streaming'];
  was jsonb := case when tg_op <> 'INSERT' then (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(old)) where key = any (kept)) end;
  now_is jsonb := case when tg_op <> 'DELETE' then (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(new)) where key = any (kept)) end;
  subject text := coalesce(now_is, was) ->> 'path';
begin
  if was is not distinct from now_is then
    return null;
  end if;
  perform :schema.project_record(
    (coalesce(now_is, was) ->> 'id')::bigint,
    subject,
    case when tg_op = 'DELETE' then old.revision else new.revision end,
    case when tg_op = 'UPDATE' then 'settings' else 'project' end,
    subject,
    was,
    now_is
  );
  return null;
end
$$;

-- At the end of the transaction: the position of all projects, and which of them it changed.
create or replace function :schema.project_settle() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
declare
  taken text := current_setting('sluice.project_position', true);
  this_transaction text := pg_current_xact_id()::text;
  new_version bigint;
  new_nonce uuid;
begin
  if split_part(coalesce(taken, ''), ' ', 1) <> this_transaction then
    insert into :project_state as state (singleton, version)
    values (true, 1)
    on conflict (singleton) do update
    set version = state.version + 1, nonce = gen_random_uuid()
    returning state.version, state.nonce into new_version, new_nonce;
    taken := concat_ws(' ', this_transaction, new_version, new_nonce);
    perform set_config('sluice.project_position', taken, true);
    perform pg_notify('project_state', new_version::text);
    delete from :project_positions where at < now() - interval '7 days';
  end if;
  insert into :project_positions (version, nonce, project_id)
  values (
    split_part(taken, ' ', 2)::bigint,
    split_part(taken, ' ', 3)::uuid,
    case when tg_op = 'DELETE' then old.id else new.id end
  )
  on conflict do nothing;
  return null;
end
$$;

-- TRUNCATE fires no row triggers: every project may have lost rows.
create or replace function :schema.project_rows_truncated() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
begin
  update :directory as directory
  set revision = :schema.project_next_revision(directory.revision), nonce = gen_random_uuid(), updated_at = now();
  return null;
end
$$;

revoke all on function :schema.project_next_revision(integer) from public;
revoke all on function :schema.project_touch(bigint) from public;
revoke all on function :schema.project_record(bigint, text, integer, text, text, jsonb, jsonb) from public;
revoke all on function :schema.project_row_written() from public;
revoke all on function :schema.project_row_kept(text, jsonb, jsonb) from public;
revoke all on function :schema.project_row_changed() from public;
revoke all on function :schema.project_written() from public;
revoke all on function :schema.project_changed() from public;
revoke all on function :schema.project_settle() from public;
revoke all on function :schema.project_rows_truncated() from public;

drop trigger if exists project_row_written on :project_flags;
create trigger project_row_written
before insert or update on :project_flags
for each row execute function :schema.project_row_written();
drop trigger if exists project_row_changed on :project_flags;
create trigger project_row_changed
after insert or update or delete on :project_flags
for each row execute function :schema.project_row_changed('flag');
drop trigger if exists project_rows_truncated on :project_flags;
create trigger project_rows_truncated
after truncate on :project_flags
for each statement execute function :schema.project_rows_truncated();

drop trigger if exists project_row_written on :user_lists;
create trigger project_row_written
before insert or update on :user_lists
for each row execute function :schema.project_row_written();
drop trigger if exists project_row_changed on :user_lists;
create trigger project_row_changed
after insert or update or delete on :user_lists
for each row execute function :schema.project_row_changed('user_list');
drop trigger if exists project_rows_truncated on :user_lists;
create trigger project_rows_truncated
after truncate on :user_lists
for each statement execute function :schema.project_rows_truncated();

drop trigger if exists project_row_changed on :instance_ids;
create trigger project_row_changed
after insert or update or delete on :instance_ids
for each row execute function :schema.project_row_changed('instance_id');
drop trigger if exists project_rows_truncated on :instance_ids;
create trigger project_rows_truncated
after truncate on :instance_ids
for each statement execute function :schema.project_rows_truncated();

drop trigger if exists project_written on :directory;
create trigger project_written
before update on :directory
for each row execute function :schema.project_written();
drop trigger if exists project_changed on :directory;
create trigger project_changed
after insert or update or delete on :directory
for each row execute function :schema.project_changed();
drop trigger if exists project_settle on :directory;
create constraint trigger project_settle
after insert or update or delete on :directory
deferrable initially deferred
for each row execute function :schema.project_settle();
