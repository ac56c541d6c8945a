-- Fair shares of the queue (docs/adr/0017). A lane is one sender in one class; a flow is a lane to one destination.
-- line: 0 waits for its own time, 1 stands in line, 2 waits together with its destination, which was not reached.
alter table queue_recipient add column lane bigint not null default 0;
alter table queue_recipient add column line smallint not null default 0;
alter table queue_entry add column sender_hash bytea;
alter table queue_entry add column sender_domain text not null default '';
update queue_recipient set lane = coalesce((select e.account_id from queue_entry e where e.id = entry_id), 0);
drop index queue_due;
create index queue_waiting on queue_recipient (due_at) where state in ('ready', 'leased') and line <> 1;
create index queue_flow on queue_recipient (lane, domain, entry_id) where line = 1;
create index queue_line on queue_recipient (lane, domain, entry_id) where line > 0;
create index queue_behind on queue_recipient (domain, entry_id) where line = 2;
create index queue_address on queue_recipient (address_hash);
create index queue_sender on queue_entry (sender_hash);
