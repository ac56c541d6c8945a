-- What is noted of each backup, verification, rehearsal and restore. Counts and ids only; reasons stand in the audit record.
create table backup_run (
    id bigint /* serial */,
    kind text not null,
    state text not null,
    snapshot text not null,
    begun_at bigint not null,
    ended_at bigint,
    facts text not null
);
create index backup_run_kind on backup_run (kind, id desc);
