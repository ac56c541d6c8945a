-- Who holds the lease of recurring mail and of an act that two persons agreed on, so that the process that follows a dead one
-- takes its leases back at once (docs/adr/0084-one-task-engine.md). A version that does not know the column leaves it empty.
alter table recurring add column worker text not null default '';
alter table act_proposal add column worker text not null default '';
-- Only rows that are leased: the look at the start of a process reads no others.
create index admin_job_worker on admin_job (worker) where leased_until > 0;
create index directory_import_worker on directory_import (worker) where leased_until > 0;
create index parcel_worker on parcel (worker) where leased_until > 0;
create index pull_worker on pull (worker) where leased_until > 0;
create index recurring_worker on recurring (worker) where leased_until > 0;
create index share_letter_worker on share_letter (worker) where leased_until > 0;
create index webhook_worker on webhook (worker) where leased_until > 0;
create index act_proposal_worker on act_proposal (worker) where lease_until > 0;
