-- A master key that is replaced, and originals that two persons may open.

-- `sealed`: the new key under the old one; empty when it is over. `done` of `total`: keys that are wrapped under the new one.
create table key_rotation (
    id bigint /* serial */,
    -- Always 0: the index below lets one be open.
    slot bigint not null default 0,
    old_id text not null,
    new_id text not null,
    new_check text not null,
    state text not null,
    sealed bytea not null,
    done bigint not null,
    total bigint not null,
    actor text not null,
    started_at bigint not null,
    changed_at bigint not null,
    ended_at bigint
);
create unique index key_rotation_open on key_rotation (slot) where ended_at is null;

-- What each node has done of it, and why it cannot go on.
create table key_ack (
    rotation_id bigint not null,
    node text not null,
    state text not null,
    at bigint not null,
    problem text not null,
    primary key (rotation_id, node)
) /* clustered */;

-- `proposal_key`: of the proposal that somebody else confirmed. Why: sealed under the organisation's key.
create table opening (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    proposal_key bigint not null,
    proposed_by text not null,
    confirmed_by text not null,
    begun_at bigint not null,
    until bigint not null,
    sealed_reason bytea not null,
    ended_at bigint,
    ended_by text not null
);
create unique index opening_proposal on opening (proposal_key);
create index opening_organization on opening (organization_id, id);
