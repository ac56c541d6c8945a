-- Volumes that come and go while mail runs: what they take, the work on them, what it found, how they fill.

-- `sealed`: what opens a bucket, under a key of the installation.
alter table volume add column read_only smallint not null default 0;
alter table volume add column sealed bytea;

-- `kind`: drain, rebalance, tier, scan. `target_id`: 0 where the weights decide. `cap`: octets a second, 0 for none.
-- `bound`: of a tier the time before which blobs came, of a rebalance the octets to be moved. `cursor`: the last blob that
-- was looked at; `found`: what this pass over the blobs has seen that is not done yet.
create table volume_work (
    id bigint /* serial */,
    volume_id bigint not null,
    kind text not null,
    state text not null,
    target_id bigint not null,
    cap bigint not null,
    bound bigint not null,
    least bigint not null,
    cursor bytea not null,
    found bigint not null,
    blobs bigint not null,
    octets bigint not null,
    failed bigint not null,
    total bigint not null,
    started_at bigint not null,
    ended_at bigint,
    leased_until bigint not null,
    worker text not null
);
create index volume_work_state on volume_work (state);
create unique index volume_work_open on volume_work (volume_id) where state in ('running', 'paused');

-- Old places of blobs that were moved: readers of before may still be there until `due_at`.
create table volume_leaving (
    volume_id bigint not null,
    location text not null,
    blob_id bytea not null,
    due_at bigint not null,
    primary key (volume_id, location)
) /* clustered */;
create index volume_leaving_due on volume_leaving (due_at);

-- What a scan or a move could not read.
create table volume_finding (
    volume_id bigint not null,
    blob_id bytea not null,
    location text not null,
    what text not null,
    at bigint not null,
    primary key (volume_id, blob_id)
) /* clustered */;

-- How full a volume was, once a day (days since 1970).
create table volume_sample (
    volume_id bigint not null,
    day bigint not null,
    used bigint not null,
    total bigint not null,
    primary key (volume_id, day)
) /* clustered */;
