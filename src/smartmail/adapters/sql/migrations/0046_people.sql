-- Hashes of main passwords that came from another system, until their owners log in for the first time: sealed, since weak
-- schemes among them are guessed fast by whoever reads a database. `verifier` says nothing meanwhile.
alter table credential add column sealed_hash bytea;

-- Photographs of people, for their colleagues: two sizes, sealed under the account's key, so that they end with it.
create table photograph (
    account_id bigint not null primary key,
    organization_id bigint not null,
    changed_at bigint not null,
    sealed_small bytea not null,
    sealed_large bytea not null
);
create index photograph_home on photograph (organization_id);
