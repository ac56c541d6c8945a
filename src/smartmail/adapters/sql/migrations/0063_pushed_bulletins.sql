-- Devices that have yet to hear of a bulletin (docs/adr/0060-bulletins-and-mail-to-everybody.md).
create table push_bulletin (
    account_id bigint not null,
    -- The subscription.
    id bigint not null,
    bulletin_id bigint not null,
    primary key (account_id, id, bulletin_id)
) /* clustered */;
create index push_bulletin_of on push_bulletin (bulletin_id);

-- Whether a device wants to hear of bulletins.
alter table push_subscription add column bulletins bigint not null default 0;

-- 0: no device was noted yet. What was there before this is nobody's news.
alter table bulletin add column spread bigint not null default 1;
create index bulletin_unspread on bulletin (shown_from) where spread = 0;
