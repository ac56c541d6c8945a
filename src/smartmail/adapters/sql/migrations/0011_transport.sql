-- Transport security of outgoing mail: policies of other domains (MTA-STS), and counts of TLS sessions for their reports.

create table sts_policy (
    domain text not null primary key,
    policy_id text not null,
    policy text not null,
    fetched_at bigint not null,
    expires_at bigint not null
);
create index sts_policy_fetched on sts_policy (fetched_at);

-- `result` is a word of RFC 8460, empty for success; `policy` is JSON.
create table tls_count (
    day bigint not null,
    domain text not null,
    policy text not null,
    result text not null,
    host text not null,
    address text not null,
    sessions bigint not null,
    primary key (day, domain, policy, result, host, address)
) /* clustered */;
