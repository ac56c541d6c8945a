-- What ties two administrators is read from the audit: acts on one account by which another could have got hold of it, and
-- acts that took administration from somebody. The lists are domain.independence's; a list that grows wants new indexes.
create index audit_hand on audit (object, at) where action in ('account.create', 'account.password', 'account.setup_link',
    'factor.reset', 'account.reopen', 'account.active', 'leaver.restore', 'role.administrator', 'role.change',
    'account.close', 'account.suspended', 'account.pending', 'account.dormant', 'leaver.begin', 'role.no-administrator',
    'role.dismiss', 'role.leave');
create index audit_loss on audit (at) where action in ('account.close', 'account.suspended', 'account.pending',
    'account.dormant', 'leaver.begin', 'role.no-administrator', 'role.dismiss', 'role.leave');

-- A code stays until it is forgotten: one that comes a second time ends what it gave (RFC 6749 §4.1.2).
-- `used_at` -1: it came again before its grant was known; `grant_lookup`: what it gave.
alter table oauth_code add column used_at bigint not null default 0;
alter table oauth_code add column grant_lookup bytea;
create index oauth_code_account on oauth_code (account_id);

-- Break-glass access as it was opened and ended: what administrators see while it is open, and the report of it.
create table break_glass (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    opened_at bigint not null,
    until bigint not null,
    opened_by text not null,
    door text not null,
    address text not null,
    sealed_reason bytea not null,
    ended_at bigint,
    ended_by text not null default '',
    reported_at bigint
);
create index break_glass_account on break_glass (account_id, opened_at);
create index break_glass_organization on break_glass (organization_id, opened_at);
create index break_glass_unreported on break_glass (until) where reported_at is null;
