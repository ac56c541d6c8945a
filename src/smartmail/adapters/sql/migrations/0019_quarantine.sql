-- Quarantine: whose a held recipient is, and up to which entry its person was told; lists that allow or block senders.
alter table queue_recipient add column account_id bigint;
create index queue_quarantine on queue_recipient (account_id, entry_id) where hold_reason = 'quarantine';

create table quarantine_told (
    account_id bigint not null primary key,
    entry_id bigint not null,
    told_at bigint not null
);

-- Whom a rule is about is a keyed hash under its owner's key and sealed text.
create table sender_rule (
    id bigint /* serial */,
    level text not null,
    place text not null,
    act text not null,
    kind text not null,
    hash bytea not null,
    sealed bytea not null,
    author text not null,
    created_at bigint not null,
    expires_at bigint,
    hits bigint not null default 0,
    hit_at bigint
);
create unique index sender_rule_subject on sender_rule (level, place, hash);
create index sender_rule_hash on sender_rule (hash);
create index sender_rule_kind on sender_rule (kind);

-- Reported phishing: cases of one campaign, who reported what, and mailboxes into which people move what they report.
-- `similarity` is a digest of the text under the organisation's key; the evidence is a sealed blob.
create table phishing_case (
    id bigint /* serial */,
    organization_id bigint not null,
    state text not null,
    similarity bytea not null,
    sealed bytea not null,
    blob_id bytea not null,
    wrapped_key bytea not null,
    opened_at bigint not null,
    changed_at bigint not null,
    reports bigint not null
);
create index phishing_case_open on phishing_case (organization_id, changed_at);
create table phishing_report (
    account_id bigint not null,
    message_id bigint not null,
    case_id bigint not null,
    at bigint not null,
    primary key (account_id, message_id)
) /* clustered */;
create table report_mailbox (
    account_id bigint not null primary key,
    mailbox_id bigint not null
);

-- Purges of a wave from mailboxes: found → purged → undone, message by message, so that a run can be taken up again.
create table mail_purge (
    id bigint /* serial */,
    organization_id bigint not null,
    state text not null,
    sealed bytea not null,
    author text not null,
    started_at bigint not null,
    changed_at bigint not null
);
create table mail_purge_hit (
    purge_id bigint not null,
    account_id bigint not null,
    message_id bigint not null,
    state text not null,
    primary key (purge_id, account_id, message_id)
) /* clustered */;
