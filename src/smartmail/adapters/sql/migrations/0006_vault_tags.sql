-- What was deleted and can be brought back; tags: names and colours of keywords, and which messages carry them.

-- A message that has gone, as its row and summary were. The row keeps the reference to the blob; it has no placement, and
-- counts in no quota. How long it stays is asked of the policy when it is purged, so there is no end here.
create table vault (
    account_id bigint not null,
    message_id bigint not null,
    thread_id bigint not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    size bigint not null,
    received_at bigint not null,
    sent_at bigint not null,
    flags bigint not null,
    tags text,
    has_attachment smallint not null,
    sealed_summary bytea not null,
    -- Ids of the mailboxes that held it, with commas between.
    mailboxes text not null,
    reason text not null,
    -- The message that took its place (attachments deleted), else null.
    replaced_by bigint,
    at bigint not null,
    primary key (account_id, message_id)
);
create index vault_age on vault (account_id, at, message_id);
create index vault_blob on vault (account_id, blob_id);

alter table account add column tag_state bigint not null default 0;

-- `id` is the number of the keyword; name, colour and the like are sealed.
create table tag (
    account_id bigint not null,
    id bigint not null,
    sealed bytea not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
) /* clustered */;
create index tag_modseq on tag (account_id, modseq);

-- Messages by their own keywords, newest first: a tag's view over all mailboxes. Counted in `keyword`.
create table tagged (
    account_id bigint not null,
    number bigint not null,
    received_at bigint not null,
    message_id bigint not null,
    primary key (account_id, number, received_at, message_id)
) /* clustered */;
alter table keyword add column messages bigint not null default 0;
alter table keyword add column unread bigint not null default 0;
