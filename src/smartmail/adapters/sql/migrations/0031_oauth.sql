-- Programs that people let into their account (RFC 6749): secrets and clients as hashes, names sealed.
create table oauth_code (
    code_hash bytea not null primary key,
    account_id bigint not null,
    auth_epoch bigint not null,
    client bytea not null,
    redirect text not null,
    challenge text not null,
    scopes text not null,
    sealed_label bytea not null,
    expires_at bigint not null
) /* clustered */;
create index oauth_code_expires on oauth_code (expires_at);

-- `grant_lookup`: what the credential that stands for the consent is found by.
create table oauth_token (
    token_hash bytea not null primary key,
    grant_lookup bytea not null,
    refresh smallint not null,
    client bytea not null,
    expires_at bigint not null,
    used_at bigint not null default 0
) /* clustered */;
create index oauth_token_grant on oauth_token (grant_lookup);
create index oauth_token_expires on oauth_token (expires_at);
