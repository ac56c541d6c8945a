-- The life of a signing key: published, active, retired (docs/adr/0015). Keys that were there were signing.
alter table dkim_key add column state text not null default 'active';
alter table dkim_key add column created_at bigint not null default 0;
alter table dkim_key add column changed_at bigint not null default 0;

-- DMARC aggregate reports (RFC 9990): what was judged, by day and policy domain, until it is told; and what others told us.
-- `policy` and `row_text` are JSON of domains and words of the standard.
create table dmarc_count (
    day bigint not null,
    domain text not null,
    policy text not null,
    row_text text not null,
    messages bigint not null,
    primary key (day, domain, policy, row_text)
) /* clustered */;

create table dmarc_report (
    domain text not null,
    reporter text not null,
    report_id text not null,
    begins_at bigint not null,
    ends_at bigint not null,
    content text not null,
    primary key (domain, reporter, report_id)
);
create index dmarc_report_end on dmarc_report (domain, ends_at);
