-- A share may end by itself (docs/adr/0014-sharing.md): the moment in milliseconds from which it gives nothing; 0: no end.
alter table share_grant add column ends_at bigint not null default 0;
create index share_grant_ends on share_grant (ends_at) where ends_at > 0;
