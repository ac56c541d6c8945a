-- Whose mail a company has had, as far as logos go (docs/adr/0052-what-a-company-may-know.md): what was fetched for all is
-- told and shown only to those. `mark`: keyed hash of the domain under the company's key.
create table brand_seen (
    organization_id bigint not null,
    mark bytea not null,
    seen_at bigint not null,
    primary key (organization_id, mark)
) /* clustered */;
create index brand_seen_at on brand_seen (seen_at);

-- When a logo was last fetched and its certificate asked about, and what was said: good | unknown | none (nobody to ask).
alter table brand_logo add column looked_at bigint not null default 0;
alter table brand_logo add column standing text not null default '';
