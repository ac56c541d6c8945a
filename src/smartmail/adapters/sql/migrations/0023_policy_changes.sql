-- Staged changes of policy, which process obeys which epoch, and past decisions of limits to rehearse changes on
-- (docs/adr/0029-staged-policy.md).

-- `content` is JSON of rules: knobs, scopes and values are plain as in policy_rule; why somebody wants it is sealed.
-- `organization_id` 0: it touches the system.
create table policy_change (
    id bigint /* serial */,
    organization_id bigint not null,
    state text not null,
    author text not null,
    made_at bigint not null,
    base_epoch bigint not null,
    content text not null,
    sealed_reason bytea not null,
    apply_at bigint,
    decider text not null default '',
    changed_at bigint not null,
    epoch bigint
);
create index policy_change_due on policy_change (apply_at) where state = 'scheduled';

create table policy_ack (
    node text not null,
    process text not null,
    epoch bigint not null,
    applied_at bigint not null,
    seen_at bigint not null,
    error text not null,
    primary key (node, process)
) /* clustered */;

create table policy_decision (
    id bigint /* serial */,
    at bigint not null,
    account_id bigint not null,
    knob text not null,
    allowed smallint not null,
    number bigint not null
);

-- Since when an account is over its limit, at how many percent its person was told, and whether it takes mail all the same.
alter table account add column over_since bigint;
alter table account add column quota_told smallint not null default 0;
alter table account add column lenient smallint not null default 0;
