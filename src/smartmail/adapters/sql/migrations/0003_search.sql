-- Search: sealed texts, segments of sealed buckets, and how far the indexer is.

create table search_index (
    account_id bigint not null primary key,
    generation bigint not null,
    cursor_modseq bigint not null,
    cursor_message bigint not null,
    gone_modseq bigint not null,
    indexed bigint not null,
    epoch bigint not null,
    next_segment bigint not null
);

create table search_text (
    account_id bigint not null,
    message_id bigint not null,
    blob_id bytea not null,
    epoch bigint not null,
    sealed bytea not null,
    primary key (account_id, message_id)
);

-- Messages that have a text and no segment yet.
create table search_tail (
    account_id bigint not null,
    message_id bigint not null,
    received_at bigint not null,
    primary key (account_id, message_id)
) /* clustered */;

create table search_segment (
    account_id bigint not null,
    id bigint not null,
    messages bigint not null,
    buckets bigint not null,
    dead bytea not null,
    primary key (account_id, id)
) /* clustered */;

create table search_bucket (
    account_id bigint not null,
    segment_id bigint not null,
    number bigint not null,
    sealed bytea not null,
    primary key (account_id, segment_id, number)
);
