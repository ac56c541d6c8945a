-- Figures over time (docs/adr/0047-trends.md). `at`: the number of the minute, or hour, since 1970.
create table trend_minute (
    name text not null,
    at bigint not null,
    organization_id bigint not null,
    label text not null,
    total bigint not null,
    peak bigint not null,
    samples bigint not null,
    primary key (name, at, organization_id, label)
) /* clustered */;
create index trend_minute_at on trend_minute (at);

create table trend_hour (
    name text not null,
    at bigint not null,
    organization_id bigint not null,
    label text not null,
    total bigint not null,
    peak bigint not null,
    samples bigint not null,
    primary key (name, at, organization_id, label)
) /* clustered */;
create index trend_hour_at on trend_hour (at);

-- How a company, or one domain of it ("": all), shows itself: name and logo sealed, the hue of its colour (-1: ours).
create table appearance (
    organization_id bigint not null,
    domain text not null,
    hue integer not null,
    sealed bytea not null,
    changed_at bigint not null,
    primary key (organization_id, domain)
) /* clustered */;
