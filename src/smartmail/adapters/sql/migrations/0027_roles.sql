-- Administrative roles over scopes, and acts that wait for another administrator (docs/adr/0033-authority.md).
-- `permissions` and `masks`: words between spaces. What somebody called a role is sealed.
create table admin_role (
    id bigint /* serial */,
    organization_id bigint not null,
    sealed_name bytea not null,
    permissions text not null,
    masks text not null,
    author text not null,
    changed_at bigint not null
);
create index admin_role_organization on admin_role (organization_id);

-- Who holds which role over what. `role`: the name of a built-in one, or a number of admin_role.
create table appointment (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    role text not null,
    level text not null,
    subject text not null,
    author text not null,
    begun_at bigint not null,
    expires_at bigint
);
create index appointment_account on appointment (account_id);
create index appointment_organization on appointment (organization_id);

-- One row per organisation that every change of who administers it writes first: such changes come one after another.
create table admin_guard (
    organization_id bigint not null primary key,
    turn bigint not null
);

create table act_proposal (
    id bigint /* serial */,
    act_key bigint not null,
    organization_id bigint not null,
    act text not null,
    level text not null,
    subject text not null,
    state text not null,
    author bigint not null,
    named text not null,
    sealed bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    due_at bigint,
    decider text not null,
    decided_at bigint,
    lease_until bigint,
    sealed_result bytea
);
create unique index act_proposal_key on act_proposal (act_key);
create index act_proposal_state on act_proposal (state, id);
create index act_proposal_organization on act_proposal (organization_id, id);
