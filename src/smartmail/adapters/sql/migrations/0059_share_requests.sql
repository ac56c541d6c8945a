-- Who asks to use a shared account, and what was answered (docs/adr/0066-asking-for-a-shared-mailbox.md). Why is sealed.
create table share_request (
    id bigint not null primary key,
    organization_id bigint not null,
    -- The shared account that is asked for, and who asks.
    account_id bigint not null,
    person_id bigint not null,
    -- view | file | delete | manage
    role text not null,
    -- waiting | accepted | declined
    state text not null,
    asked_at bigint not null,
    decided_at bigint not null,
    decided_by bigint not null,
    sealed bytea not null,
    unique (account_id, person_id)
);
create index share_request_person on share_request (person_id, state);
create index share_request_organization on share_request (organization_id, asked_at);
