-- Approval lines (결재선): who decides about held mail, in steps, and what was done about each mail.
-- A row that an earlier version wrote has line '' and is one step of its kind; due_at 0 is looked at once and then told.
alter table approval add column line text not null default '';
alter table approval add column step bigint not null default 0;
alter table approval add column step_at bigint not null default 0;
alter table approval add column due_at bigint not null default 0;
alter table approval add column escalated bigint not null default 0;
alter table approval add column version bigint not null default 0;
alter table approval add column digest bytea;
update approval set due_at = expires_at, step_at = asked_at;
create index approval_due on approval (state, due_at);
create index approval_sender on approval (account_id, id);

-- Who may decide in a step. `above`: because it was escalated to them.
create table approval_approver (
    approval_id bigint not null,
    step bigint not null,
    account_id bigint not null,
    above bigint not null,
    primary key (approval_id, step, account_id)
) /* clustered */;
create index approval_approver_account on approval_approver (account_id, approval_id);

-- The history: who did what, in whose right. Comments and document numbers are sealed under the organisation's key.
create table approval_act (
    approval_id bigint not null,
    number bigint not null,
    at bigint not null,
    step bigint not null,
    act text not null,
    account_id bigint not null,
    by_id bigint not null,
    actor text not null,
    sealed bytea,
    primary key (approval_id, number)
) /* clustered */;
create index approval_act_account on approval_act (account_id, approval_id);

create table approval_line (
    id bigint /* serial */,
    organization_id bigint not null,
    name text not null,
    line text not null,
    created_at bigint not null,
    ended_at bigint,
    author text not null
);
create unique index approval_line_name on approval_line (organization_id, name) where ended_at is null;

-- 위임: who decides with the rights of another, exactly one at a time.
create table approval_deputy (
    account_id bigint not null primary key,
    organization_id bigint not null,
    deputy_id bigint not null,
    since bigint not null,
    until bigint not null
) /* clustered */;
create index approval_deputy_of on approval_deputy (deputy_id);
