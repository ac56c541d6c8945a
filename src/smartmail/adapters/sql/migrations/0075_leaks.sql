-- Leak prevention (docs/adr/0096-leak-rules.md): rules with their history, and letters that matched.

-- As access_rule: never changed, begun by one epoch and ended by another. `body` is JSON: condition, actions and the rest.
create table leak_rule (
    id bigint /* serial */,
    level text not null,
    subject text not null,
    body text not null,
    stage text not null,
    valid_until bigint,
    since_epoch bigint not null,
    until_epoch bigint
);
create index leak_rule_current on leak_rule (id) where until_epoch is null;

-- `sealed`: what an officer sees; `sealed_values`: what stands there, for who may unmask.
create table leak_incident (
    id bigint primary key,
    organization_id bigint not null,
    account_id bigint not null,
    at bigint not null,
    way text not null,
    act text not null,
    rule_id bigint not null,
    epoch bigint not null,
    state text not null,
    sealed bytea not null,
    sealed_values bytea,
    reviewed_by text not null default ''
);
create index leak_incident_of on leak_incident (organization_id, id);
create index leak_incident_account on leak_incident (organization_id, account_id, id);
create index leak_incident_age on leak_incident (at);
