-- Values that a leak rule does not count any more, until a time: what an officer found to be no leak (docs/adr/0096-leak-rules.md).

-- `mark`: a digest of the rule's scope, name and condition, which stays when it is turned on. `fingerprint`: a keyed hash of mark, detector and
-- value, so that no value stands here. `sealed`: what an officer sees, masked.
create table leak_exception (
    id bigint primary key,
    organization_id bigint not null,
    incident_id bigint not null,
    rule_id bigint not null,
    mark bytea not null,
    fingerprint bytea not null,
    at bigint not null,
    until_at bigint not null,
    made_by text not null,
    sealed bytea not null,
    ended_at bigint,
    ended_by text not null default ''
);
create index leak_exception_of on leak_exception (organization_id, id);
create index leak_exception_in_force on leak_exception (organization_id, until_at) where ended_at is null;
create index leak_exception_age on leak_exception (until_at);
