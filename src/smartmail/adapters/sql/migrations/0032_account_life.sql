-- How accounts live and end (docs/adr/0037-account-life.md): ends of temporary ones, addresses that are kept from others,
-- leavers, sponsors.

-- The moment from which a temporary account is dead; judged wherever an account is.
alter table account add column ends_at bigint;
-- Since when an account is in its state, 0: since before this was noted.
alter table account add column state_since bigint not null default 0;

-- When somebody was told that their account will be dormant, in thirty and in seven days.
create table dormancy (
    account_id bigint not null primary key,
    told_first bigint,
    told_last bigint
) /* clustered */;

-- Addresses of leavers: given to nobody else before `until`. Mail to one goes to `successor_id`, 0: it is refused.
create table left_address (
    address text not null primary key,
    organization_id bigint not null,
    account_id bigint not null,
    until bigint not null,
    successor_id bigint not null
) /* clustered */;
create index left_address_account on left_address (account_id);
create index left_address_until on left_address (until);

-- One leaver. `state`: planned, running, done, restored, destroyed. `sealed`: choices and texts that somebody typed.
create table leaving (
    account_id bigint not null primary key,
    organization_id bigint not null,
    state text not null,
    effective_at bigint not null,
    successor_id bigint not null,
    reader_id bigint not null,
    read_until bigint not null,
    destroy_at bigint not null,
    author text not null,
    sealed bytea not null
);
create index leaving_organization on leaving (organization_id, account_id);
create index leaving_begin on leaving (effective_at) where state in ('planned', 'running');
create index leaving_end on leaving (destroy_at) where state = 'done';
create index leaving_read on leaving (read_until) where state = 'done' and read_until > 0;

-- Who answers for a temporary account. `agreed_until`: its end as agreed; account.ends_at is sooner while nobody answers.
create table sponsorship (
    account_id bigint not null primary key,
    organization_id bigint not null,
    sponsor_id bigint not null,
    heir_id bigint not null,
    agreed_until bigint not null,
    asked_until bigint,
    asked_by bigint not null,
    sealed bytea not null
);
create index sponsorship_sponsor on sponsorship (sponsor_id);
create index sponsorship_heir on sponsorship (heir_id) where heir_id <> 0;
create index sponsorship_organization on sponsorship (organization_id, account_id);
