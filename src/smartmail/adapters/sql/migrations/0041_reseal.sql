-- Originals that are sealed anew while mail flows.

-- `newer_key`: the key that the octets of today are sealed under, wrapped under the one that rows of messages have; null where
-- that one is the key. So one row says it for everybody who has the message.
alter table blob add column newer_key bytea;

create table reseal (
    id bigint /* serial */,
    -- Always 0: the index below lets one be open.
    slot bigint not null default 0,
    state text not null,
    suite bigint not null,
    cap bigint not null,
    walks text not null,
    account_id bigint not null,
    message_id bigint not null,
    found bigint not null,
    blobs bigint not null,
    octets bigint not null,
    failed bigint not null,
    total bigint not null,
    actor text not null,
    started_at bigint not null,
    ended_at bigint,
    leased_until bigint not null,
    worker text not null
);
create unique index reseal_open on reseal (slot) where ended_at is null;
