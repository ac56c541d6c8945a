-- Access records: facts to find them by, what policy let go, anchors, reviews, investigations, destructions, collectors.

alter table audit add column door text not null default '';

-- Facts of the record that a link is of, copied when it is chained: a search never reads records that it does not show.
-- `gone` is the seal of the notice that policy let the record go; its facts then go too.
alter table audit_link add column at bigint not null default 0;
alter table audit_link add column kind text not null default '';
alter table audit_link add column actor text not null default '';
alter table audit_link add column account_id bigint not null default 0;
alter table audit_link add column action text not null default '';
alter table audit_link add column door text not null default '';
alter table audit_link add column address text not null default '';
alter table audit_link add column country text not null default '';
alter table audit_link add column gone bytea;

update audit_link set at = a.at, actor = a.actor, account_id = coalesce(a.account_id, 0), action = a.action,
    address = a.address, kind = case when a.action like 'access.%' then 'access'
        when a.actor = 'account:' || cast(a.account_id as text) then 'user' else 'admin' end
    from audit a where audit_link.source = 'audit' and a.id = audit_link.record_id;
update audit_link set at = a.at, account_id = coalesce(a.account_id, 0), action = 'login.' || a.result,
    address = a.address, kind = 'login', door = a.door,
    actor = case when a.account_id is null then '' else 'account:' || cast(a.account_id as text) end
    from login_attempt a where audit_link.source = 'login' and a.id = audit_link.record_id;

create index audit_link_at on audit_link (organization_id, at);
create index audit_link_kind on audit_link (organization_id, kind, at);
create index audit_link_actor on audit_link (organization_id, actor, at);
create index audit_link_account on audit_link (organization_id, account_id, at);
create index audit_link_action on audit_link (organization_id, action, at);
create index audit_link_door on audit_link (organization_id, door, at);
create index audit_link_address on audit_link (organization_id, address, at);
create index audit_link_country on audit_link (organization_id, country, at);

-- Signed once a day: what the ends of all chains were. `day` as 2026-01-31 in the time of Korea.
create table audit_anchor (
    day text not null primary key,
    at bigint not null,
    document text not null,
    signature bytea not null
);

-- The monthly look at access records. `month` as 2026-01.
create table access_review (
    organization_id bigint not null,
    month text not null,
    made_at bigint not null,
    due_at bigint not null,
    reviewer bigint not null,
    signed_at bigint,
    signed_by bigint,
    alarmed_at bigint,
    sealed_body bytea not null,
    sealed_comment bytea,
    primary key (organization_id, month)
);

-- While one lasts, the owner of the account is not shown who looked. Counts only when a second person confirmed it.
create table investigation (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    since bigint not null,
    until bigint not null,
    proposed_by text not null,
    confirmed_by text not null,
    confirmed_at bigint,
    sealed_reason bytea not null
);
create index investigation_account on investigation (account_id);

-- What was destroyed for good, and on what ground.
create table destruction (
    id bigint /* serial */,
    organization_id bigint not null,
    at bigint not null,
    kind text not null,
    subject text not null,
    ground text not null,
    actor text not null,
    consent text not null,
    method text not null,
    counts text not null,
    keys text not null,
    sealed_note bytea
);
create index destruction_organization on destruction (organization_id, id);

-- Where records are sent on to, and how far each chain has been.
create table siem_target (
    id bigint /* serial */,
    name text not null,
    format text not null,
    host text not null,
    port bigint not null,
    kinds text not null,
    authority text not null,
    confirm text not null,
    state text not null,
    organization_id bigint not null,
    created_at bigint not null
);
create unique index siem_target_name on siem_target (name);
create table siem_cursor (
    target_id bigint not null,
    organization_id bigint not null,
    seq bigint not null,
    at bigint not null,
    primary key (target_id, organization_id)
) /* clustered */ /* hot */;
