-- Whom an account writes to, with whom together and about what: the memory of the misdelivery guard, sealed under the account's
-- key, so that it ends with it. `letters`: how many taught it; of two that learn at once, the later one starts again.
create table correspondence (
    account_id bigint not null primary key,
    letters bigint not null,
    sealed bytea not null
);
