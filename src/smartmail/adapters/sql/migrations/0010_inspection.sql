-- What was found out about a message from outside, sealed: apart from its row and summary, which lists read.
-- It stays while the message or its place in the vault does, and goes to the new row of a message that comes back.
create table inspection (
    account_id bigint not null,
    message_id bigint not null,
    -- What opens it must know the blob, as with a summary.
    blob_id bytea not null,
    sealed bytea not null,
    primary key (account_id, message_id)
) /* clustered */;
