-- Outside mailboxes whose mail is brought in (docs/adr/0061-pulls.md). Ids are 16 random octets, times milliseconds.
create table pull (
    id bytea not null primary key,
    account_id bigint not null,
    organization_id bigint not null,
    sealed bytea not null,
    sealed_said bytea,
    enabled bigint not null,
    created_at bigint not null,
    changed_at bigint not null,
    next_at bigint not null,
    reason text not null default '',
    failures bigint not null default 0,
    taken bigint not null default 0,
    pulled_at bigint not null default 0,
    worker text not null default '',
    leased_until bigint not null default 0
);
create index pull_account on pull (account_id, created_at);
create index pull_due on pull (enabled, next_at);

-- Messages of the source that are done with. Key and digest are keyed hashes of its name for it and of its octets.
create table pull_seen (
    pull_id bytea not null,
    key bytea not null,
    digest bytea not null,
    -- taken | skipped | large | same | refused
    state text not null,
    -- 1: still to be deleted at the source
    remove bigint not null,
    seen_at bigint not null,
    primary key (pull_id, key)
) /* clustered */;
create index pull_seen_digest on pull_seen (pull_id, digest);
