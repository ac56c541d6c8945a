-- Addresses that stand for others, members of lists, registered relays, counts of a sender's day, approvals.
--
-- An address of ours is plain, like a login: mail is routed by it. Whom it stands for was written by people and is sealed
-- under the organisation's key. A row stays when the address is given up (kind 'retired'): no address is used twice.
create table stand_in (
    address text not null primary key,
    organization_id bigint not null,
    kind text not null,
    sealed bytea not null,
    changed_at bigint not null
) /* clustered */;
create index stand_in_organization on stand_in (organization_id, kind, address);

-- `key` is a keyed hash of the member, so that nobody is in a list twice and its rows tell nothing.
create table list_member (
    list text not null,
    key bytea not null,
    sealed bytea not null,
    primary key (list, key)
) /* clustered */;

-- A machine that may send without logging in: whose it is, from where, how much, how long. Purpose and addresses that
-- it may show are sealed.
create table relay (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    networks text not null,
    hourly bigint not null,
    ends_at bigint not null,
    cleartext smallint not null,
    created_at bigint not null,
    last_used_at bigint,
    sealed bytea not null
);
create index relay_account on relay (account_id);

create table relay_hour (
    relay_id bigint not null,
    hour bigint not null,
    messages bigint not null,
    told smallint not null,
    primary key (relay_id, hour)
) /* clustered */;

-- How many recipients outside an account wrote to on a day (days of Unix time).
create table sent_day (
    account_id bigint not null,
    day bigint not null,
    recipients bigint not null,
    told smallint not null,
    primary key (account_id, day)
) /* clustered */;

-- Somebody has to decide about a queue entry that is held: waiting → approved | rejected | expired, once.
create table approval (
    id bigint /* serial */,
    organization_id bigint not null,
    kind text not null,
    subject text not null,
    account_id bigint,
    entry_id bigint not null,
    state text not null,
    asked_at bigint not null,
    expires_at bigint not null,
    decided_at bigint,
    decided_by text not null,
    sealed bytea not null
);
create index approval_state on approval (state, expires_at);
create unique index approval_entry on approval (entry_id);
