-- The history of projects, in better words: of a list that was changed it keeps the ids that came and went under their own names, and
-- it says why a project has a new revision after a restore.

drop function if exists :schema.project_row_kept(text, jsonb, jsonb);

-- What history keeps of a row: never a secret, and of a long list that was changed only the ids that stand in it alone, as
-- `only_here`. The ids of the other row are hashed: compared one by one, two lists of 10,000 would take seconds.
create or replace function :schema.project_row_kept(kind text, stored jsonb, other jsonb, only_here text) returns jsonb
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
    only_here,
    (
      select coalesce(string_agg(xid, ',' order by place), '')
      from unnest(string_to_array(stored ->> 'user_xids', ',')) with ordinality as here (xid, place)
      where xid <> '' and xid not in (select unnest(string_to_array(other ->> 'user_xids', ',')))
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
    :schema.project_row_kept(kind, was, now_is, 'user_xids_removed'),
    :schema.project_row_kept(kind, now_is, was, 'user_xids_added')
  );
  return null;
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
  -- A new revision after a restore changes nothing in the project, and the history says why it is there.
  if was is not distinct from now_is and coalesce(current_setting('sluice.source', true), '') <> 'restore' then
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

revoke all on function :schema.project_row_kept(text, jsonb, jsonb, text) from public;
