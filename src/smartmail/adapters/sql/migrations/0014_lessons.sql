-- What people say about their mail, and what was learned from it.

-- The last word on one message. `pending`: somebody said `wish` (1 spam, 0 good) and it is not learned yet. `learned` is
-- what the models hold of it now, null for nothing; `sealed` the features and the step, so that it can be taken back.
create table spam_lesson (
    account_id bigint not null,
    message_id bigint not null,
    wish smallint not null,
    pending smallint not null,
    learned smallint,
    said_at bigint not null,
    failures smallint not null,
    sealed bytea,
    primary key (account_id, message_id)
) /* clustered */;
create index spam_lesson_pending on spam_lesson (pending, said_at);

-- One row for an organisation (account 0) and one for each person who taught something; changed by comparing versions.
create table spam_model (
    organization_id bigint not null,
    account_id bigint not null,
    version bigint not null,
    good bigint not null,
    bad bigint not null,
    updated_at bigint not null,
    sealed bytea not null,
    primary key (organization_id, account_id)
);
