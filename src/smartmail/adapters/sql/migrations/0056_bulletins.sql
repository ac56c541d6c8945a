-- What a company tells its people in the webmail, beside mail (docs/adr/0060). What it says is sealed.
create table bulletin (
    id bigint not null primary key,
    organization_id bigint not null,
    -- organization | domain | department | group, and which: as scopes of the policy are written.
    level text not null,
    place text not null,
    author text not null,
    sealed bytea not null,
    shown_from bigint not null,
    shown_until bigint not null,
    pinned bigint not null,
    popup bigint not null,
    must_read bigint not null,
    changed_at bigint not null
);
create index bulletin_home on bulletin (organization_id);

-- What a person did with one, and when first; 0: not yet.
create table bulletin_mark (
    bulletin_id bigint not null,
    account_id bigint not null,
    popped_at bigint not null default 0,
    closed_at bigint not null default 0,
    read_at bigint not null default 0,
    primary key (bulletin_id, account_id)
) /* clustered */;
create index bulletin_mark_person on bulletin_mark (account_id);

-- When the author of a mail to a list last reminded those who had not read it.
create table list_reminding (
    account_id bigint not null,
    message_id bigint not null,
    at bigint not null,
    primary key (account_id, message_id)
) /* clustered */;
