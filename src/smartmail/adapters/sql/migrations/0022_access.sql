-- From where and when people may come in (docs/adr/0028-access-rules.md): rules with their history, leave to travel, and
-- what is remembered to tell the owner of an account.

-- Where the address of a login lay by the tables of that moment: two letters, or '' unknown.
alter table login_attempt add column country text not null default '';

-- As policy_rule: never changed, begun by one epoch and ended by another. `body` is JSON: lists, hours, condition.
create table access_rule (
    id bigint /* serial */,
    level text not null,
    subject text not null,
    body text not null,
    locked smallint not null,
    authority text not null,
    valid_from bigint,
    valid_until bigint,
    since_epoch bigint not null,
    until_epoch bigint
);
create index access_rule_current on access_rule (id) where until_epoch is null;

create table travel_pass (
    id bigint /* serial */,
    account_id bigint not null,
    organization_id bigint not null,
    country text not null,
    valid_from bigint not null,
    valid_until bigint not null,
    state text not null,
    asked_at bigint not null,
    sealed_reason bytea,
    decided_at bigint,
    decided_by text not null default '',
    rule_id bigint,
    warned_at bigint
);
create index travel_pass_account on travel_pass (account_id, id);
create index travel_pass_organization on travel_pass (organization_id, id);
create index travel_pass_rule on travel_pass (rule_id);
create index travel_pass_ending on travel_pass (valid_until) where state = 'granted' and warned_at is null;

create table account_country (
    account_id bigint not null,
    country text not null,
    first_at bigint not null,
    last_at bigint not null,
    primary key (account_id, country)
) /* clustered */;

-- What the owner was told lately, so that it is told once.
create table access_notice (
    account_id bigint not null,
    kind text not null,
    what text not null,
    at bigint not null,
    primary key (account_id, kind, what)
) /* clustered */;
