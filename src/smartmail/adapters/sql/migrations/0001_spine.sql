-- The spine: organisations, accounts, mail with its change log, queue, configuration, cluster.
--
-- Written for PostgreSQL; dialect.py turns it into SQLite's words. Marks that it knows:
--   /* clustered */  the primary key is the table (SQLite: without rowid), for narrow rows read in key order
--   /* hot */        rows are rewritten often (PostgreSQL: leave room in the page, so that indexes stay untouched)
--   /* serial */     a number given by the database, never used twice
--
-- Times are milliseconds of Unix time, sizes octets, flags 0/1. Every table of mail starts with account_id and names no
-- other account, so that accounts can be spread over databases. There are no foreign keys: they would cost a look-up
-- per row on the delivery path, and the one place that writes mail (work.py) keeps the rows together anyway.

create table organization (
    id bigint /* serial */,
    name text not null,
    wrapped_key bytea not null,
    wrapped_queue_key bytea not null
);
create unique index organization_name on organization (name);

create table domain (
    name text not null primary key,
    organization_id bigint not null,
    state text not null
) /* clustered */;

create table account (
    id bigint /* serial */,
    organization_id bigint not null,
    kind text not null,
    state text not null,
    login text not null,
    name text not null,
    language text not null,
    is_admin smallint not null,
    wrapped_key bytea not null,
    modseq bigint not null default 0,
    horizon bigint not null default 0,
    quota bigint,
    used bigint not null default 0,
    messages bigint not null default 0,
    auth_epoch bigint not null default 0,
    department text not null,
    title text not null,
    next_mailbox bigint not null default 1,
    next_message bigint not null default 1,
    next_keyword bigint not null default 1,
    next_identity bigint not null default 1,
    next_submission bigint not null default 1,
    uidvalidity bigint not null default 0,
    -- One JMAP state per type: the highest modseq among its changes (architecture 4.3).
    mailbox_state bigint not null default 0,
    message_state bigint not null default 0,
    thread_state bigint not null default 0,
    identity_state bigint not null default 0,
    submission_state bigint not null default 0,
    -- How many messages went since references of dead threads were last swept.
    unswept bigint not null default 0
) /* hot */;
create unique index account_login on account (login);
create index account_organization on account (organization_id);

create table address (
    address text not null primary key,
    account_id bigint not null
) /* clustered */;
create index address_account on address (account_id);

create table credential (
    id bigint /* serial */,
    account_id bigint not null,
    kind text not null,
    verifier text not null,
    label text not null,
    created_at bigint not null,
    expires_at bigint
);
create index credential_account on credential (account_id);
create unique index credential_password on credential (account_id) where kind = 'password';

create table session (
    token_hash bytea not null primary key,
    account_id bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    auth_epoch bigint not null
) /* clustered */;
create index session_expires on session (expires_at);

create table once_token (
    token_hash bytea not null primary key,
    purpose text not null,
    expires_at bigint not null
) /* clustered */;

create table mailbox (
    account_id bigint not null,
    id bigint not null,
    parent_id bigint not null,
    role text,
    sealed_name bytea not null,
    name_hash bytea not null,
    subscribed smallint not null,
    sort_order bigint not null,
    uidvalidity bigint not null,
    uidnext bigint not null,
    placements bigint not null,
    total bigint not null,
    unseen bigint not null,
    unseen_placements bigint not null,
    size bigint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    highest_modseq bigint not null,
    primary key (account_id, id)
) /* clustered */ /* hot */;
create unique index mailbox_name on mailbox (account_id, parent_id, name_hash);
create unique index mailbox_role on mailbox (account_id, role) where role is not null;

create table message (
    account_id bigint not null,
    id bigint not null,
    thread_id bigint not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    size bigint not null,
    received_at bigint not null,
    sent_at bigint not null,
    flags bigint not null,
    tags text,
    has_attachment smallint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
) /* clustered */;
create index message_modseq on message (account_id, modseq);
create index message_thread on message (account_id, thread_id);
create index message_blob on message (account_id, blob_id);

-- Apart from message, so that lists and scans stay narrow.
create table summary (
    account_id bigint not null,
    message_id bigint not null,
    -- Also in message: what opens a summary must know it, and a join would double the reads.
    blob_id bytea not null,
    sealed bytea not null,
    primary key (account_id, message_id)
);

create table placement (
    account_id bigint not null,
    mailbox_id bigint not null,
    uid bigint not null,
    message_id bigint not null,
    deleted smallint not null,
    received_at bigint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, mailbox_id, uid)
) /* clustered */;
create index placement_message on placement (account_id, message_id, mailbox_id, uid, deleted);
create index placement_window on placement (account_id, mailbox_id, received_at desc, uid desc, message_id)
    where deleted = 0;

-- A thread has no row: its id is that of its first message, it lives as long as a message names it, and what happened
-- to it is told by its messages and their tombstones (changes.py). Two B-trees less to write per delivery.
create table thread_ref (
    account_id bigint not null,
    ref_hash bytea not null,
    subject_hash bytea not null,
    thread_id bigint not null,
    primary key (account_id, ref_hash, subject_hash)
) /* clustered */;

create table keyword (
    account_id bigint not null,
    number bigint not null,
    name_hash bytea not null,
    sealed_name bytea not null,
    primary key (account_id, number)
) /* clustered */;
create unique index keyword_name on keyword (account_id, name_hash);

-- What was destroyed: one row per transaction, type and mailbox. `gone` is a packed list of pairs (id, created_modseq),
-- for placements (UID, created_modseq), for threads (thread, created_modseq of the member that went); see tombstones.py.
create table tombstone (
    account_id bigint not null,
    modseq bigint not null,
    type smallint not null,
    mailbox_id bigint not null,
    gone bytea not null,
    primary key (account_id, modseq, type, mailbox_id)
);

create table blob (
    id bytea not null primary key,
    volume_id bigint not null,
    location text not null,
    size bigint not null,
    refs bigint not null,
    dead_since bigint
) /* clustered */;
create index blob_dead on blob (dead_since) where refs = 0;

create table delivery_key (
    account_id bigint not null,
    key bytea not null,
    at bigint not null,
    primary key (account_id, key)
) /* clustered */;
create index delivery_key_at on delivery_key (at);

create table import_key (
    account_id bigint not null,
    key bytea not null,
    message_id bigint,
    primary key (account_id, key)
) /* clustered */;

create table identity (
    account_id bigint not null,
    id bigint not null,
    address text not null,
    sealed bytea not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
) /* clustered */;

create table submission (
    account_id bigint not null,
    id bigint not null,
    identity_id bigint not null,
    message_id bigint not null,
    thread_id bigint not null,
    queue_id bigint not null,
    sealed bytea not null,
    undo_status text not null,
    send_at bigint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
);
create index submission_modseq on submission (account_id, modseq);

create table queue_entry (
    id bigint not null primary key,
    organization_id bigint not null,
    account_id bigint,
    submission_id bigint,
    blob_id bytea not null,
    wrapped_key bytea not null,
    sealed_envelope bytea not null,
    sealed_prefix bytea,
    size bigint not null,
    created_at bigint not null,
    expires_at bigint not null
);

create table queue_recipient (
    entry_id bigint not null,
    number bigint not null,
    domain text not null,
    address_hash bytea not null,
    sealed bytea not null,
    state text not null,
    hold_reason text,
    -- When it is next worked on: the time of the next attempt, or the end of the lease.
    due_at bigint not null,
    attempts bigint not null,
    delay_told smallint not null,
    sealed_result bytea,
    worker text,
    primary key (entry_id, number)
) /* hot */;
create index queue_due on queue_recipient (due_at) where state in ('ready', 'leased');

create table upload (
    account_id bigint not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    media_type text not null,
    expires_at bigint not null,
    primary key (account_id, blob_id)
);
create index upload_expires on upload (expires_at);

create table dkim_key (
    domain text not null,
    selector text not null,
    algorithm text not null,
    sealed_private bytea not null,
    primary key (domain, selector)
);

create table setting (
    scope text not null,
    name text not null,
    value text not null,
    primary key (scope, name)
);

create table audit (
    id bigint /* serial */,
    account_id bigint,
    at bigint not null,
    actor text not null,
    action text not null,
    object text not null,
    address text not null,
    sealed_detail bytea
);

create table volume (
    id bigint /* serial */,
    kind text not null,
    state text not null,
    config text not null,
    weight bigint not null
);

create table node (
    id text not null primary key,
    started_at bigint not null,
    seen_at bigint not null,
    roles text not null,
    volume_kind text not null
);

create table named_lock (
    name text not null primary key,
    owner text not null,
    until bigint not null
);
