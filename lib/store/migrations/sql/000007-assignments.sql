-- The variants of experiments that actors have been given. A variant is computed, and needs no row: a row only keeps it when the gates or
-- the weights change later.
--
-- An actor is half of the SHA-256 of its id: ids may be of any length, and stand nowhere in the table. The key begins with the actor,
-- because one read fetches all experiments of an actor. No reference to the flag: a row must never wait for a change, which locks the
-- flag; deleting the flag deletes its rows afterwards, in slices. No triggers either: an assignment is no change of a flag.
create table if not exists :assignments (
  actor uuid not null,
  experiment text not null,
  variant text not null,
  assigned_at timestamptz not null default now(),
  primary key (actor, experiment)
);
comment on table :assignments is 'Sluice: the variants of experiments that actors have been given';

create index if not exists feature_assignments_experiment on :assignments (experiment, variant);
