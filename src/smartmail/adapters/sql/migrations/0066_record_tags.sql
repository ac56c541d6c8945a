-- Records carry a keyed tag from the moment they are written (docs/adr/0011-audit-chains.md): 8 octets that are used once, and
-- the MAC over them and the record. Without one nothing is taken into a chain.
alter table audit add column tag bytea;
alter table login_attempt add column tag bytea;
create unique index audit_tag on audit (tag) where tag is not null;
create unique index login_tag on login_attempt (tag) where tag is not null;

-- Records of before have none: up to which id of a source they go, sealed once all of them are chained.
create table audit_untagged (
    source text not null primary key,
    last bigint not null,
    seal bytea
);
insert into audit_untagged (source, last) select 'audit', coalesce(max(id), 0) from audit;
insert into audit_untagged (source, last) select 'login', coalesce(max(id), 0) from login_attempt;
