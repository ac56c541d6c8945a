-- Letters about shares that are still to be written (docs/adr/0014-sharing.md): what an act gave or took, and how far among
-- its readers it is. Ids are 16 random octets, times milliseconds. Nothing here was written by a person.
create table share_letter (
    id bytea not null primary key,
    account_id bigint not null,
    -- given | ended | over
    kind text not null,
    given_by bigint not null,
    grantee_kind text not null,
    grantee_id bigint not null,
    rights text not null,
    ends_at bigint not null,
    -- Ids, parted by blanks.
    mailboxes text not null,
    readers text not null,
    created_at bigint not null,
    -- The last reader who is done with: they come in order.
    told bigint not null default 0,
    worker text not null default '',
    leased_until bigint not null default 0
);
create index share_letter_due on share_letter (leased_until, created_at);
