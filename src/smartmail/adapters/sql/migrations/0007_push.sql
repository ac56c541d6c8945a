-- Push subscriptions of devices (RFC 8620 §7.2). They belong to an account's person and are no data of the account: no
-- modseq, no tombstones. Address, keys and the verification code are sealed.

-- Numbers of subscriptions are not used again.
alter table account add column next_push bigint not null default 1;

-- At which modseq of its account filters last changed: what is told to devices.
alter table filter_state add column modseq bigint not null default 0;

create table push_subscription (
    account_id bigint not null,
    id bigint not null,
    sealed bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    verified smallint not null,
    greeted smallint not null,
    told bigint not null,
    next_at bigint not null,
    failures bigint not null,
    primary key (account_id, id)
);
create index push_subscription_expires on push_subscription (expires_at);

-- What a device has heard of accounts of others that its person sees: a modseq of each.
create table push_shared (
    account_id bigint not null,
    id bigint not null,
    shared_id bigint not null,
    told bigint not null,
    primary key (account_id, id, shared_id)
) /* clustered */;
