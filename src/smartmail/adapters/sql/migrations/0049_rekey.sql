-- Keys of companies and accounts that are changed while mail flows. (The keys themselves lie where they lay.)

-- `owner_id` and `part`: what is worked at. `done` of `total`: weights of owners. `seen`, `changed`, `octets`: values looked
-- at and sealed anew. `moved_at`: when it was last heard of. `destroyed_at`: when the keys of before were destroyed.
create table rekey (
    id bigint /* serial */,
    -- Always 0: the index below lets one be open.
    slot bigint not null default 0,
    scope text not null,
    organization_id bigint not null,
    account_id bigint not null,
    state text not null,
    owner_id bigint not null,
    part bigint not null,
    found bigint not null,
    seen bigint not null,
    changed bigint not null,
    octets bigint not null,
    failed bigint not null,
    done bigint not null,
    total bigint not null,
    actor text not null,
    started_at bigint not null,
    changed_at bigint not null,
    moved_at bigint not null,
    ended_at bigint,
    destroyed_at bigint,
    leased_until bigint not null,
    worker text not null
);
create unique index rekey_open on rekey (slot) where ended_at is null;
