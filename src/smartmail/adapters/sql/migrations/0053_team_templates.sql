-- Letters to begin with that a department or a group shares (docs/guide-user). What they say is sealed.
create table team_template (
    id bigint not null primary key,
    organization_id bigint not null,
    -- department | group, and which: as scopes of the policy are written.
    level text not null,
    place text not null,
    author_id bigint not null,
    sealed bytea not null,
    changed_at bigint not null
);
create index team_template_place on team_template (organization_id, level, place);
