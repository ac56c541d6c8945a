-- Work of which one of a kind waits or runs at a time in the installation: the index decides between two that are asked for
-- at the same moment. Older rows have 0, whatever their kind: two of them may be open.
alter table admin_job add column alone smallint not null default 0;
create unique index admin_job_alone on admin_job (kind) where alone = 1 and state in ('waiting', 'running');
