-- The chains of audit records and logins, and marks of how far each account's change log was when.

-- One chain per organisation (0: the installation's). `digest` needs no key to be checked, `seal` cannot be made without.
create table audit_link (
    organization_id bigint not null,
    seq bigint not null,
    source text not null,
    record_id bigint not null,
    digest bytea not null,
    seal bytea not null,
    primary key (organization_id, seq)
);
create unique index audit_link_record on audit_link (source, record_id);

-- The end of each chain, changed by comparing: two jobs never write the same link.
create table audit_head (
    organization_id bigint not null primary key,
    length bigint not null,
    digest bytea not null,
    seal bytea not null
);

create index audit_at on audit (at);

-- How far an account's change log was at a time: what says which tombstones are old.
create table change_mark (
    account_id bigint not null,
    at bigint not null,
    modseq bigint not null,
    primary key (account_id, at)
) /* clustered */;
create index change_mark_at on change_mark (at);

-- The newest tombstone that was forgotten, by type and mailbox: a client is told to begin anew only where something that
-- it may not know has been forgotten.
create table change_horizon (
    account_id bigint not null,
    type smallint not null,
    mailbox_id bigint not null,
    modseq bigint not null,
    primary key (account_id, type, mailbox_id)
) /* clustered */;
