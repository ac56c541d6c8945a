-- Imports of directories from tables: what each does, in steps that are done one after the other and taken back.
--
-- Plain here: ids, times, counts, states, the kind of table. Sealed: who and what is made or changed (names, telephone
-- numbers, first passwords until their step is done).

create table directory_import (
    id bigint not null primary key,
    organization_id bigint not null,
    -- 0: the command line.
    account_id bigint not null,
    -- people | departments | groups | aliases | domains
    kind text not null,
    -- waiting | running | cancelling | cancelled | done | undoing | undone
    state text not null,
    done bigint not null default 0,
    total bigint not null,
    failed bigint not null default 0,
    created_at bigint not null,
    ended_at bigint,
    leased_until bigint not null default 0,
    worker text not null default ''
);
create index directory_import_home on directory_import (organization_id, id);

create table directory_import_step (
    import_id bigint not null,
    number bigint not null,
    -- waiting | begun | done | undone
    state text not null,
    sealed bytea not null,
    primary key (import_id, number)
) /* clustered */;
