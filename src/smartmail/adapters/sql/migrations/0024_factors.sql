-- Second factors, logins that wait for one, recovery codes, known devices, old passwords, consents.
--
-- `sealed` is what a kind keeps about a factor (a TOTP secret, a public key, a certificate), under the account's key.
create table factor (
    id bigint /* serial */,
    account_id bigint not null,
    kind text not null,
    sealed bytea not null,
    sealed_label bytea not null,
    lookup bytea,
    -- What only rises: the last time step of TOTP (RFC 6238 §5.2), the signature counter of a passkey.
    counter bigint not null default 0,
    created_at bigint not null,
    last_used_at bigint
);
create index factor_account on factor (account_id);
create unique index factor_own on factor (kind, lookup, account_id);

create table recovery_code (
    account_id bigint not null,
    hash bytea not null,
    primary key (account_id, hash)
) /* clustered */;

-- A login, enrolment or step-up on its way. `account_id` 0: not known yet (a passkey says who it is).
create table challenge (
    token_hash bytea not null primary key,
    account_id bigint not null,
    purpose text not null,
    auth_epoch bigint not null,
    session_hash bytea,
    nonce bytea,
    asked_at bigint not null,
    sealed bytea,
    tries bigint not null default 0,
    created_at bigint not null,
    expires_at bigint not null
) /* clustered */;
create index challenge_expires on challenge (expires_at);
create index challenge_account on challenge (account_id, purpose);

-- What an account still owes, and how it stands: since when a second factor is asked of it, whether its password must go.
create table account_proof (
    account_id bigint not null primary key,
    grace_from bigint,
    must_change smallint not null default 0,
    change_later_until bigint,
    sealed_recovery bytea,
    recovery_verified_at bigint
);

-- Wrong second factors after a right password, of an account from one known place, or ('') from all others together.
create table factor_strike (
    account_id bigint not null,
    place text not null,
    failures bigint not null,
    last_at bigint not null,
    primary key (account_id, place)
) /* clustered */;

create table known_device (
    token_hash bytea not null primary key,
    account_id bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    address text not null,
    sealed_name bytea not null
) /* clustered */;
create index known_device_account on known_device (account_id, last_at);

create table old_password (
    account_id bigint not null,
    at bigint not null,
    verifier text not null,
    primary key (account_id, at)
) /* clustered */;

create table consent_text (
    organization_id bigint not null,
    name text not null,
    version bigint not null,
    language text not null,
    sealed bytea not null,
    at bigint not null,
    primary key (organization_id, name, version, language)
) /* clustered */;

create table consent (
    account_id bigint not null,
    name text not null,
    version bigint not null,
    at bigint not null,
    address text not null,
    primary key (account_id, name, version)
) /* clustered */;

-- How a session was proved, and when somebody last proved themselves in it.
alter table session add column factor text not null default '';
alter table session add column proved_at bigint not null default 0;
