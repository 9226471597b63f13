-- The rows of a change, and of a flag, in the order in which they are told: without the id in the index, the rows of a change of a hundred thousand were read and
-- sorted for each page. The nonce stands in it, so that the table need not be read for positions.

create index if not exists feature_history_version_id on :history (version, id) include (nonce);
drop index if exists :schema.feature_history_position;
create index if not exists feature_history_feature_id on :history (feature_key, version, id);
drop index if exists :schema.feature_history_feature;
