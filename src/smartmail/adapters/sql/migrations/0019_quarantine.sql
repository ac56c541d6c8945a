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
