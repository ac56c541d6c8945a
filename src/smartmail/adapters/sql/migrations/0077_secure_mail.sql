-- Letters that people outside read on a page of ours (docs/adr/0097-secure-mail-by-link.md). Ids are 16 random octets,
-- times milliseconds.
create table secure_letter (
    id bytea not null primary key,
    account_id bigint not null,
    organization_id bigint not null,
    -- The key of the letter's records under that of the account.
    wrapped_key bytea not null,
    -- The key of its content under that of its records: overwritten when the letter ends.
    content_key bytea not null,
    sealed bytea not null,
    sealed_summary bytea not null,
    blob_id bytea not null,
    wrapped_data_key bytea not null,
    message_hash bytea not null,
    size bigint not null,
    created_at bigint not null,
    opens_at bigint not null,
    expires_at bigint not null,
    -- 0: as often as one likes.
    most bigint not null,
    taken bigint not null default 0,
    ended_at bigint not null default 0,
    -- '' | recalled | expired
    ended text not null default ''
);
create index secure_letter_account on secure_letter (account_id, created_at);
create index secure_letter_message on secure_letter (account_id, message_hash);
create index secure_letter_expires on secure_letter (ended, expires_at);
create index secure_letter_ended on secure_letter (ended_at);

create table secure_ticket (
    id bytea not null primary key,
    letter_id bytea not null,
    account_id bigint not null,
    token_hash bytea not null,
    sealed bytea not null,
    created_at bigint not null,
    most bigint not null,
    taken bigint not null default 0,
    first_at bigint not null default 0,
    last_at bigint not null default 0,
    -- Wrong passwords and codes since the last right one.
    tries bigint not null default 0,
    rests_until bigint not null default 0,
    recalled_at bigint not null default 0,
    delivered_at bigint not null default 0,
    bounced_at bigint not null default 0
);
create unique index secure_ticket_token on secure_ticket (token_hash);
create index secure_ticket_letter on secure_ticket (letter_id);

create table secure_view (
    id bytea not null primary key,
    ticket_id bytea not null,
    letter_id bytea not null,
    session_hash bytea not null,
    at bigint not null,
    sealed bytea not null,
    downloads bigint not null default 0,
    replies bigint not null default 0
);
create unique index secure_view_session on secure_view (session_hash);
create index secure_view_letter on secure_view (letter_id, at);
