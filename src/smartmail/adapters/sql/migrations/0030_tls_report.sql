-- Reports of others about TLS with our hosts (RFC 8460). `content` is the report's JSON, of one domain of ours: domains,
-- hosts, addresses and words of the standard.
create table tls_report (
    domain text not null,
    reporter text not null,
    report_id text not null,
    begins_at bigint not null,
    ends_at bigint not null,
    content text not null,
    primary key (domain, reporter, report_id)
);
create index tls_report_end on tls_report (domain, ends_at);
