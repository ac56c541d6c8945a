-- Mail that is sent again and again (docs/adr/0070-mail-sent-again-and-again.md). The message is the one that each turn is made of.
create table recurring (
    account_id bigint not null,
    message_id bigint not null,
    -- active | paused | held
    state text not null,
    -- When, as whom, until when.
    sealed bytea not null,
    -- The moment of the next turn, which also names it.
    next_at bigint not null,
    -- Turns that were sent.
    turns bigint not null,
    -- The message of a turn that was made and is not handed in yet; else 0.
    made bigint not null,
    -- Why it is held, or why the turn at hand was put off.
    reason text not null,
    -- A process is at it, or it is put off, until then.
    leased_until bigint not null,
    primary key (account_id, message_id)
) /* clustered */;
create index recurring_due on recurring (next_at) where state = 'active';
