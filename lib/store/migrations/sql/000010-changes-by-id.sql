-- The versions of a change by its id, in one step however many rows it wrote: with the id alone in the index, all of its rows were read for them.

create index if not exists feature_history_change_id on :history (change_id, version) where change_id is not null;
drop index if exists :schema.feature_history_change;
