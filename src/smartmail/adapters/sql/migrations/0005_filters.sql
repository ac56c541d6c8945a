-- Filters: scripts of accounts, which one is active, what delivery remembers for them.

create table filter_script (
    account_id bigint not null,
    id bigint not null,
    sealed_name bytea not null,
    name_hash bytea not null,
    sealed bytea not null,
    size bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null,
    primary key (account_id, id)
);
create unique index filter_script_name on filter_script (account_id, name_hash);

-- One row per account that ever had filters. `changed_at` lets every process learn of changes by one small query.
create table filter_state (
    account_id bigint not null primary key,
    version bigint not null,
    next_script bigint not null,
    active bigint,
    sealed_vacation bytea,
    has_vacation smallint not null,
    sealed_problem bytea,
    problem_at bigint not null,
    changed_at bigint not null
);
create index filter_state_changed on filter_state (changed_at);

-- What a run must know of earlier ones, as keyed hashes: to whom an absence was told, which ids were seen, which
-- effects of a delivery were carried out already.
create table filter_memory (
    account_id bigint not null,
    kind smallint not null,
    key bytea not null,
    expires_at bigint not null,
    primary key (account_id, kind, key)
) /* clustered */;
create index filter_memory_expires on filter_memory (expires_at);
