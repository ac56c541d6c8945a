-- Policy with its history, credentials of every kind, sessions as devices, the record of logins, groups, holds.
--
-- Plain here: ids, knobs and their values, times, addresses. Sealed: whatever a person or a person's device wrote.

alter table credential drop column label;
alter table credential add column sealed_label bytea;
-- What a token or a client certificate is found by: a SHA-256 of it. Passwords have none.
alter table credential add column lookup bytea;
alter table credential add column doors text not null default '';
alter table credential add column networks text not null default '';
alter table credential add column scopes text not null default '';
alter table credential add column last_used_at bigint;
alter table credential add column last_used_door text not null default '';
alter table credential add column last_used_address text not null default '';
create unique index credential_lookup on credential (lookup);

alter table session add column last_seen_at bigint not null default 0;
alter table session add column address text not null default '';
alter table session add column sealed_device bytea;
create index session_account on session (account_id);

-- The limit that policy gives; it holds where the account has none of its own.
alter table account add column policy_quota bigint;

create table login_attempt (
    id bigint /* serial */,
    at bigint not null,
    -- Null: the name was nobody's. The name itself is not kept: people type passwords into the wrong field.
    account_id bigint,
    credential_id bigint,
    door text not null,
    address text not null,
    result text not null
);
create index login_attempt_account on login_attempt (account_id, at);
create index login_attempt_at on login_attempt (at);

-- One row at most, raised by every change: what a process compares its snapshot with.
create table policy_epoch (
    id bigint not null primary key,
    epoch bigint not null
);

create table policy_revision (
    epoch bigint not null primary key,
    at bigint not null,
    actor text not null,
    action text not null,
    address text not null
);

-- A rule is never changed: the epoch that ends it is written, and another one begins.
create table policy_rule (
    id bigint /* serial */,
    knob text not null,
    level text not null,
    subject text not null,
    value text not null,
    locked smallint not null,
    authority text not null,
    valid_from bigint,
    valid_until bigint,
    since_epoch bigint not null,
    until_epoch bigint
);
create index policy_rule_current on policy_rule (knob) where until_epoch is null;

create table people_group (
    id bigint /* serial */,
    organization_id bigint not null,
    name text not null,
    -- Where two groups of a person disagree, the greater number decides.
    priority bigint not null
);
create unique index people_group_name on people_group (organization_id, name);

create table people_group_member (
    group_id bigint not null,
    account_id bigint not null,
    primary key (group_id, account_id)
) /* clustered */;
create index people_group_member_account on people_group_member (account_id);

-- Legal hold: while a row stands, nothing that it names is purged or shredded.
create table hold (
    account_id bigint not null,
    -- 0: everything of the account.
    message_id bigint not null,
    matter text not null,
    at bigint not null,
    actor text not null,
    primary key (account_id, message_id, matter)
) /* clustered */;
