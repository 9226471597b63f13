-- What SDKs report of projects: which clients ask, and how often a flag was on and off. Reports are no change of a project, so
-- these tables have no triggers, and nothing in them moves a revision.
--
-- No references to projects and flags: a report must never wait for a change, which locks their rows. What a deleted one leaves is
-- shown nowhere, ends when it is old, and is never taken for that of another one: ids are not used again.

create table if not exists :clients (
  project_id bigint not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  last_polled timestamptz,
  -- Processes that one server saw within a flush; servers see many of the same, so the larger number stands.
  instances integer not null,
  instances_at timestamptz not null,
  interval_ms integer,
  environment text not null,
  app text not null,
  sdk text not null,
  spec text,
  primary key (project_id, environment, app, sdk)
);
comment on table :clients is 'Sluice: SDKs that ask for the flags of projects';

-- A step is an hour for two days, and afterwards a day. There may be tens of millions of rows, so each byte counts: a flag is
-- its id, the wide columns come first, and the key begins with the time, so that new rows come to the end of its index.
create table if not exists :counts (
  at timestamptz not null,
  project_id bigint not null,
  flag_id bigint not null,
  yes bigint not null,
  no bigint not null,
  step text not null check (step in ('hour', 'day')),
  environment text not null,
  primary key (step, at, project_id, flag_id, environment)
)
-- Rows of the hour are updated with each flush: without this their dead versions would be a fifth of the table.
with (autovacuum_vacuum_scale_factor = 0.02);
comment on table :counts is 'Sluice: how often flags of projects were on and off, as SDKs report';

-- A flush whose answer was lost is sent again: it counts once.
create table if not exists :report_batches (
  id uuid primary key,
  at timestamptz not null default now()
);
comment on table :report_batches is 'Sluice: flushes of counts, for a day';
