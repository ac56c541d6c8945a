-- Defence: bans with evidence and end, exceptions, good history of addresses, greylist, correspondents, stopped senders.
--
-- Plain here: addresses of machines, times, counts. Whom people write to and who writes to them: keyed hashes alone.

create table ban (
    id bigint /* serial */,
    subject text not null,
    reason text not null,
    -- Counts by name, as JSON.
    evidence text not null,
    level bigint not null,
    since bigint not null,
    until bigint not null,
    by_whom text not null,
    released_at bigint,
    released_by text not null default '',
    sealed_note bytea
);
create index ban_until on ban (until);
create index ban_subject on ban (subject, since);
create index ban_released on ban (released_at);

create table defence_allow (
    subject text not null,
    kind text not null,
    since bigint not null,
    until bigint not null,
    by_whom text not null,
    sealed_note bytea,
    primary key (subject, kind)
) /* clustered */;

-- From where an account has logged in: at most one write a day for each.
create table login_place (
    account_id bigint not null,
    address text not null,
    network text not null,
    first_at bigint not null,
    last_at bigint not null,
    primary key (account_id, address)
) /* clustered */;
create index login_place_address on login_place (address, last_at);
create index login_place_network on login_place (network, last_at);

create table greylist (
    key bytea not null primary key,
    first_at bigint not null,
    expires_at bigint not null
) /* clustered */;
create index greylist_expires on greylist (expires_at);

create table known_sender (
    key bytea not null primary key,
    expires_at bigint not null
) /* clustered */;
create index known_sender_expires on known_sender (expires_at);

create table correspondent (
    account_id bigint not null,
    key bytea not null,
    last_at bigint not null,
    primary key (account_id, key)
) /* clustered */;
create index correspondent_key on correspondent (key);

create table sending_peak (
    account_id bigint not null primary key,
    minute_count bigint not null,
    hour_count bigint not null,
    changed_at bigint not null
);

create table sending_stop (
    account_id bigint not null primary key,
    reason text not null,
    evidence text not null,
    since bigint not null,
    by_whom text not null
);
