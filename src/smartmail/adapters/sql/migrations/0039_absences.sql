-- People who are away for a while (docs/adr/0044-absences.md): leave of absence, secondment. One row while somebody is.

-- `until` 0: nobody has said yet. `shut`: no door lets them in meanwhile. `mail`: keep, forward, answer; what is forwarded
-- goes to `substitute_id`. `sealed`: what who writes to them reads, where they are, why.
create table absence (
    account_id bigint not null primary key,
    organization_id bigint not null,
    kind text not null,
    since bigint not null,
    until bigint not null,
    mail text not null,
    substitute_id bigint not null,
    shut smallint not null,
    author text not null,
    sealed bytea not null
) /* clustered */;
create index absence_organization on absence (organization_id, account_id);
create index absence_until on absence (until) where until > 0;
create index absence_substitute on absence (substitute_id) where substitute_id <> 0;
