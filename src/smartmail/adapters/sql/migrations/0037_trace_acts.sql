-- What becomes of delivered mail joins its story (docs/adr/0042-stories-go-on.md).
-- The story that a message came in, 0 for none; below 0 once it was read for the first time.
alter table message add column story bigint not null default 0;
alter table vault add column story bigint not null default 0;

-- What one transaction did with messages that have a story, written in its commit; a job tells the stories of it and
-- takes it out. `acts`: packed kinds, mailboxes, stories and messages. Who did it is an account, 0 for nobody.
create table trace_act (
    at bigint not null,
    account_id bigint not null,
    modseq bigint not null,
    by_account bigint not null,
    door text not null,
    acts bytea not null,
    primary key (at, account_id, modseq)
) /* clustered */;

-- Logos of other domains, fetched and proved (or not: then why) before anybody reads their mail. `source`: SHA-256 of
-- where they lie; `picture`: of the logo, empty for none; `root`: of the authority that the proof ends at.
create table brand_logo (
    domain text not null,
    source bytea not null,
    picture bytea not null,
    svg bytea not null,
    kind text not null,
    owner text not null,
    issuer text not null,
    root bytea not null,
    reason text not null,
    expires_at bigint not null,
    primary key (domain, source)
);
create index brand_logo_picture on brand_logo (picture);
create index brand_logo_expires on brand_logo (expires_at);
