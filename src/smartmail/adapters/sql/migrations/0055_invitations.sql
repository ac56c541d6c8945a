-- What a person knows and said of an event that they were invited to.
create table invitation (
    account_id bigint not null,
    -- Keyed hash of the event's UID.
    uid_hash bytea not null,
    sealed bytea not null,
    changed_at bigint not null,
    primary key (account_id, uid_hash)
) /* clustered */;
