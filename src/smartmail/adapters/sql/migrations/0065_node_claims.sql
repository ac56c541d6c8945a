-- Whose a node's name is (docs/adr/0074-clocks-and-leases.md): one tree of processes holds it, by the database's clock.
-- `place`: which data directory; `holder`: which start of it; `skew`: how far that node's clock is ahead, in milliseconds.
create table node_claim (
    name text not null primary key,
    place text not null,
    holder text not null,
    claimed_at bigint not null,
    seen_at bigint not null,
    skew bigint not null
);
create index node_claim_seen on node_claim (seen_at);

-- What a process that died held is given back by the one that follows it.
create index queue_worker on queue_recipient (worker, entry_id) where state = 'leased';
