-- What a day came to, per company: sums of rows of the trace and of login records (docs/guide-admin: reports). Sealed under
-- the company's key: it names domains that people write to. `day` as 2026-11-27 in the time of Korea.
create table figure_day (
    organization_id bigint not null,
    day text not null,
    counted_at bigint not null,
    sealed bytea not null,
    primary key (organization_id, day)
) /* clustered */;
