-- Files that go as links (docs/adr/0049-big-attachments-by-link.md). Ids are 16 random octets, times milliseconds.
create table big_file (
    id bytea not null primary key,
    account_id bigint not null,
    organization_id bigint not null,
    -- coming | checking | ready | refused
    state text not null,
    size bigint not null,
    received bigint not null,
    parts bigint not null,
    wrapped_key bytea not null,
    sealed bytea not null,
    created_at bigint not null,
    -- When the file goes unless a link that lives longer needs it.
    expires_at bigint not null,
    -- When its verdict was last found, 0 before.
    checked_at bigint not null default 0
);
create index big_file_account on big_file (account_id, created_at);
create index big_file_expires on big_file (expires_at);
create index big_file_state on big_file (state, checked_at);

-- The octets, in order: each part is a blob of its own, sealed under the file's key.
create table big_part (
    file_id bytea not null,
    number bigint not null,
    start bigint not null,
    size bigint not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    primary key (file_id, number)
) /* clustered */;

create table big_link (
    id bytea not null primary key,
    file_id bytea not null,
    account_id bigint not null,
    token_hash bytea not null,
    sealed bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    -- 0: as often as one likes.
    most bigint not null,
    taken bigint not null default 0,
    revoked_at bigint not null default 0,
    reminded_at bigint not null default 0,
    -- Wrong passwords and codes since the last right one.
    tries bigint not null default 0,
    tried_at bigint not null default 0
);
create unique index big_link_token on big_link (token_hash);
create index big_link_file on big_link (file_id);
create index big_link_account on big_link (account_id, created_at);
create index big_link_expires on big_link (expires_at);

create table big_download (
    id bytea not null primary key,
    link_id bytea not null,
    ticket_hash bytea not null,
    at bigint not null,
    last_at bigint not null,
    octets bigint not null,
    complete smallint not null,
    sealed bytea not null
);
create unique index big_download_ticket on big_download (ticket_hash);
create index big_download_link on big_download (link_id, at);
