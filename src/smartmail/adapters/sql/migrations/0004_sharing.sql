-- Sharing: grants, what is each person's own in somebody else's account, work on shared mail.
--
-- Every table but share_notice belongs to the account that is shared: account_id is its first column, a person or a
-- grantee is named by id only.

alter table account add column assignment_state bigint not null default 0;
alter table account add column note_state bigint not null default 0;
alter table account add column next_note bigint not null default 1;
alter table account add column notice_state bigint not null default 0;
-- The modseq at which grants or switches last changed: what was told to others before it is void.
alter table account add column grants_modseq bigint not null default 0;
-- The modseq at which it last changed for whom this account's person may send: they show as identities.
alter table account add column senders_modseq bigint not null default 0;

create table share_grant (
    account_id bigint not null,
    -- 0: every mailbox of the account, also those to come.
    mailbox_id bigint not null,
    grantee_kind text not null,
    grantee_id bigint not null,
    -- RFC 4314 letters, then words for sending, with spaces between.
    rights text not null,
    modseq bigint not null,
    primary key (account_id, mailbox_id, grantee_kind, grantee_id)
) /* clustered */;
create index share_grant_grantee on share_grant (grantee_kind, grantee_id, account_id);

-- Mailboxes in which \Seen and star are each person's own.
create table share_personal (
    account_id bigint not null,
    mailbox_id bigint not null,
    primary key (account_id, mailbox_id)
) /* clustered */;

create table person_subscription (
    account_id bigint not null,
    person_id bigint not null,
    mailbox_id bigint not null,
    subscribed smallint not null,
    primary key (account_id, person_id, mailbox_id)
) /* clustered */;

-- A person's own keywords on messages of the account: \Seen and star where they are personal, and personal tags.
create table person_keyword (
    account_id bigint not null,
    person_id bigint not null,
    message_id bigint not null,
    flags bigint not null,
    tags text,
    primary key (account_id, person_id, message_id)
) /* clustered */;

-- Who takes care of a conversation: one per thread.
create table assignment (
    account_id bigint not null,
    id bigint not null,
    message_id bigint not null,
    assignee bigint not null,
    assigned_by bigint not null,
    at bigint not null,
    state text not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
) /* clustered */;
create index assignment_modseq on assignment (account_id, modseq);
create index assignment_message on assignment (account_id, message_id);

create table note (
    account_id bigint not null,
    id bigint not null,
    thread_id bigint not null,
    message_id bigint not null,
    author bigint not null,
    at bigint not null,
    edited_at bigint,
    sealed bytea not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
);
create index note_modseq on note (account_id, modseq);
create index note_thread on note (account_id, thread_id);
create index note_message on note (account_id, message_id);

create table sent_by (
    account_id bigint not null,
    message_id bigint not null,
    person_id bigint not null,
    on_behalf smallint not null,
    at bigint not null,
    -- Of the copy that was made when the message was sent from another account: its queue entry; else 0.
    queue_id bigint not null,
    sealed bytea not null,
    primary key (account_id, message_id)
);
create index sent_by_queue on sent_by (queue_id) where queue_id <> 0;

-- What others changed about the rights of this account's person (RFC 9670).
create table share_notice (
    id bigint /* serial */,
    account_id bigint not null,
    changed_by bigint not null,
    object_account bigint not null,
    mailbox_id bigint not null,
    old_rights text not null,
    new_rights text not null,
    at bigint not null,
    created_modseq bigint not null
);
create index share_notice_account on share_notice (account_id, id);
