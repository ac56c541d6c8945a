-- Certificates that people log in with: who vouches for them, how they count, what was revoked. All of it is public.

create table certificate_authority (
    organization_id bigint not null,
    -- '': for all domains of the organisation.
    domain text not null,
    fingerprint text not null,
    family text not null,
    der bytea not null,
    at bigint not null,
    primary key (organization_id, domain, fingerprint)
);

create table certificate_rule (
    organization_id bigint not null,
    domain text not null,
    family text not null,
    enabled smallint not null,
    -- Names of policies, with spaces between.
    policies text not null,
    identity smallint not null,
    rebind smallint not null,
    primary key (organization_id, domain, family)
) /* clustered */;

-- Hosts that may be asked whether a certificate was revoked.
create table certificate_source (
    organization_id bigint not null,
    host text not null,
    primary key (organization_id, host)
) /* clustered */;

create table revocation_list (
    organization_id bigint not null,
    issuer bytea not null,
    -- The distribution point that a list is for; one issuer may have split its lists.
    scope text not null,
    since bigint not null,
    until bigint not null,
    fetched_at bigint not null,
    source text not null,
    der bytea not null,
    primary key (organization_id, issuer, scope)
);

-- The last time that a responder called a certificate good: what may do while it does not answer.
create table certificate_standing (
    organization_id bigint not null,
    fingerprint bytea not null,
    since bigint not null,
    until bigint not null,
    primary key (organization_id, fingerprint)
) /* clustered */;

-- How often an account has asked for something to sign in the current minute.
create table certificate_question (
    account_id bigint not null primary key,
    minute bigint not null,
    asked bigint not null
) /* hot */;
