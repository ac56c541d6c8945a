-- The story of every message, and the books of the queue (docs/adr/0026-message-trace.md).
-- Ids of stories and events rise with time (milliseconds << 22): what is too old is a range of ids.
create table trace_story (
    id bigint not null primary key,
    organization_id bigint not null,
    sealed bytea not null
) /* clustered */;

create table trace_event (
    story_id bigint not null,
    seq bigint not null,
    sealed bytea not null,
    primary key (story_id, seq)
) /* clustered */;

-- `period`: 30 days of the story's time; `key`: a keyed hash of an address, a Message-ID, an IP address or an id.
create table trace_key (
    period integer not null,
    key bytea not null,
    story_id bigint not null,
    primary key (period, key, story_id)
) /* clustered */;

-- Words to search: many lines in one sealed piece. Pieces are merged as they come.
create table trace_text (
    organization_id bigint not null,
    id bigint not null,
    lines integer not null,
    sealed bytea not null,
    primary key (organization_id, id)
) /* clustered */;
create index trace_text_small on trace_text (organization_id, id) where lines < 2500;

-- Every recipient that the queue took and what became of it, written in the same commit as the thing itself.
create table queue_tally (
    entry_id bigint not null,
    kind text not null,
    organization_id bigint not null,
    count integer not null,
    primary key (entry_id, kind)
) /* clustered */;
insert into queue_tally (entry_id, kind, organization_id, count)
    select e.id, 'accepted', e.organization_id, count(*)
    from queue_entry e join queue_recipient q on q.entry_id = e.id
    where q.state not in ('delivered', 'bounced', 'expired', 'cancelled') group by e.id, e.organization_id;

-- Sums of what is settled. `hour`: milliseconds of the time of the entry's id, by 3,600,000.
create table trace_book (
    hour bigint not null,
    organization_id bigint not null,
    kind text not null,
    count bigint not null,
    primary key (hour, organization_id, kind)
) /* clustered */;
