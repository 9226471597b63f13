-- What is told of a change beside its rows, where there is anything to tell; and the history of what was written past the triggers.

-- Not columns of the history: a change of 10,000 rows would repeat them in each. A role that may write flags may add a row, and read none.
create table if not exists :changes (
  change_id text primary key,
  at timestamptz not null default now(),
  -- The change that this one has taken back.
  undoes text,
  -- The point whose rows this one has brought back.
  restores text,
  proposal_id uuid,
  rollout_id uuid,
  step integer,
  approved_by text[],
  override text,
  channel text,
  link text
);
comment on table :changes is 'Sluice: what is told of a change beside its rows';

-- From a time to the position that it had; the versions stand in the index, so that the table need not be read.
create index if not exists feature_history_at on :history (at, version);
-- The changes of one author, or from one source, newest first.
create index if not exists feature_history_author on :history (author, version);
create index if not exists feature_history_source on :history (source, version);

-- Adds to the history what was written to one flag past the triggers: of each row the newest operation must agree with what is stored. Takes a
-- position for it, so that every process reads the flag again. Returns the number of rows that it has added; null for a login that may
-- not write flags.
--
-- It holds the lock on the row of the state, under which alone the history grows: so no other transaction is between its rows and their history.
create or replace function :schema.feature_record_untracked(flag text) returns integer
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$
declare
  recorded integer := 0;
  taken text;
  began timestamptz;
  unlike record;
begin
  if not has_table_privilege(session_user, $name$:gates$name$, 'insert') then
    return null;
  end if;
  perform from :state for update;
  -- A row of which the history has nothing is older than the history, or was written past the triggers.
  select case
    when min(history.version) > 1 then greatest(
      (select min(applied_at) from :migrations),
      (select min(at) from :history where version = (select min(version) from :history))
    )
    else (select min(applied_at) from :migrations)
  end
  into began
  from :history history;
  for unlike in
    with told as (
      select distinct on (own, gate, value) own, gate, value, operation
      from (
        select gate_key is null as own, coalesce(gate_key, '') as gate, coalesce(history.value, '') as value, operation, version, id
        from :history history
        where feature_key = flag
      ) operations
      order by own, gate, value, version desc, id desc
    ), stored as (
      select own, gate, value, coalesce(max(created_at), '-infinity') as created_at
      from (
        select true as own, '' as gate, '' as value, case
          when pg_typeof(feature.created_at) = 'timestamp'::regtype then feature.created_at::timestamp at time zone 'UTC'
          else feature.created_at::timestamptz
        end as created_at
        from :features feature
        where feature.key = flag
        union all
        select false, gate.key::text, coalesce(gate.value::text, ''), case
          when pg_typeof(gate.created_at) = 'timestamp'::regtype then gate.created_at::timestamp at time zone 'UTC'
          else gate.created_at::timestamptz
        end
        from :gates gate
        where gate.feature_key = flag
      ) written
      group by own, gate, value
    )
    select own, gate, value, stored.created_at is not null as is_stored
    from told
    full join stored using (own, gate, value)
    where (told.operation = 'added' and stored.created_at is null)
    or (told.operation = 'removed' and stored.created_at is not null)
    or (told.operation is null and stored.created_at > began)
    order by own desc, gate, value
  loop
    taken := coalesce(taken, :schema.feature_next_position());
    insert into :history (version, nonce, feature_key, gate_key, value, operation, author, source)
    values (
      split_part(taken, ' ', 2)::bigint,
      split_part(taken, ' ', 3)::uuid,
      flag,
      case when not unlike.own then unlike.gate end,
      case when not unlike.own then unlike.value end,
      case when unlike.is_stored then 'added' else 'removed' end,
      'unknown',
      'untracked'
    );
    recorded := recorded + 1;
  end loop;
  return recorded;
end
$$;
