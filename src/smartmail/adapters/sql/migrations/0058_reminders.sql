-- Mail that comes back at an hour: put off (snooze), or sent and not answered (followUp). Nothing here was written by anybody.
create table reminder (
    account_id bigint not null,
    message_id bigint not null,
    kind text not null,
    -- waiting | woken
    state text not null,
    wake_at bigint not null,
    -- Where it goes when its hour comes; once woken, where it lies.
    mailbox_id bigint not null,
    -- followUp: keyed hash of the sent message's Message-ID, by which answers are found; else empty.
    ref_hash bytea not null,
    -- followUp: messages of the conversation up to this modseq are no answers.
    looked bigint not null,
    primary key (account_id, message_id)
) /* clustered */;
create index reminder_due on reminder (wake_at) where state = 'waiting';
create index reminder_woken on reminder (wake_at) where state = 'woken';
