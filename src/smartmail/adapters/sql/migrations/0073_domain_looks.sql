-- What DNS said of a domain when it was last asked: `records` is JSON of what was wanted and found.
create table domain_look (
    domain text primary key,
    looked_at bigint not null,
    records text not null
);
create index domain_look_age on domain_look (looked_at);
