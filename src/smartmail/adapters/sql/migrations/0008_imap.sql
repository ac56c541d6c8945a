-- What IMAP keeps beside mail: when a message came into a mailbox, and annotations.

-- Null: at the message's received_at, as for mail that is delivered.
alter table placement add column saved_at bigint;

-- RFC 5464. The mailbox is 0 for entries of the server. `owner_id`: the account whose own (/private) entry it is, 0 for
-- what all see. `sealed` holds name and value.
create table annotation (
    account_id bigint not null,
    mailbox_id bigint not null,
    owner_id bigint not null,
    name_hash bytea not null,
    sealed bytea not null,
    primary key (account_id, mailbox_id, owner_id, name_hash)
) /* clustered */;
