-- A person's mail in one file, out or in (docs/adr/0057-parcels.md). Ids are 16 random octets, times milliseconds.
create table parcel (
    id bytea not null primary key,
    account_id bigint not null,
    organization_id bigint not null,
    -- out | in
    direction text not null,
    -- coming | waiting | working | ready | failed | undone
    state text not null,
    size bigint not null,
    received bigint not null,
    parts bigint not null,
    done bigint not null default 0,
    total bigint not null default 0,
    sealed bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    worker text not null default '',
    leased_until bigint not null default 0
);
create index parcel_account on parcel (account_id, created_at);
create index parcel_expires on parcel (expires_at);
create index parcel_state on parcel (state, leased_until);

-- The octets, in order: each part is a blob of its own.
create table parcel_part (
    parcel_id bytea not null,
    number bigint not null,
    start bigint not null,
    size bigint not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    primary key (parcel_id, number)
) /* clustered */;

-- Messages that a parcel brought into its account, written with each of them: what is undone is neither more nor less.
create table parcel_message (
    parcel_id bytea not null,
    message_id bigint not null,
    primary key (parcel_id, message_id)
) /* clustered */;
