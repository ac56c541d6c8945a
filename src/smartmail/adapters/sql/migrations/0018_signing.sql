-- The life of a signing key: published, active, retired (docs/adr/0015). Keys that were there were signing.
alter table dkim_key add column state text not null default 'active';
alter table dkim_key add column created_at bigint not null default 0;
alter table dkim_key add column changed_at bigint not null default 0;
