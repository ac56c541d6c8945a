-- The admin API: answers kept for repeated requests, long work, keys of programs, webhooks.
--
-- Plain here: ids, times, counts, kinds, dotted names. Sealed: answers (they may hold one-time secrets), what a job was
-- asked, labels, addresses and secrets of webhooks.

-- An answer to a request with an Idempotency-Key. status 0: the request is at work.
create table admin_answer (
    account_id bigint not null,
    key_hash bytea not null,
    request_hash bytea not null,
    status bigint not null,
    sealed_answer bytea,
    expires_at bigint not null,
    primary key (account_id, key_hash)
) /* clustered */;
create index admin_answer_end on admin_answer (expires_at);

create table admin_job (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    kind text not null,
    -- waiting | running | done | failed | cancelled
    state text not null,
    sealed_request bytea not null,
    done bigint not null default 0,
    total bigint not null default 0,
    sealed_result bytea,
    error text not null default '',
    created_at bigint not null,
    started_at bigint,
    ended_at bigint,
    cancelling smallint not null default 0,
    leased_until bigint not null default 0,
    worker text not null default ''
);
create index admin_job_state on admin_job (state, leased_until);
create index admin_job_home on admin_job (organization_id, id);

create table admin_key (
    id bigint /* serial */,
    organization_id bigint not null,
    account_id bigint not null,
    lookup bytea not null,
    sealed_label bytea not null,
    -- Lists, as JSON.
    permissions text not null,
    networks text not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint
);
create unique index admin_key_lookup on admin_key (lookup);
create index admin_key_home on admin_key (organization_id, id);

-- seq: the last record of the company's chain that the target has taken.
create table webhook (
    id bigint /* serial */,
    organization_id bigint not null,
    sealed bytea not null,
    types text not null,
    -- active | paused | stopped
    state text not null,
    seq bigint not null,
    attempts bigint not null default 0,
    next_at bigint not null,
    failing_since bigint,
    last_at bigint,
    last_status bigint not null default 0,
    created_at bigint not null,
    changed_at bigint not null,
    leased_until bigint not null default 0,
    worker text not null default ''
) /* hot */;
create index webhook_due on webhook (state, next_at);
create index webhook_home on webhook (organization_id, id);
