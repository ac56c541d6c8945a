-- Alarms: conditions that were met, since when, who was told, who has seen to them. `subject` says of what (a volume, a
-- certificate, a collector), "" of the whole installation; numbers are in the condition's unit.
create table alarm (
    id bigint /* serial */,
    condition text not null,
    subject text not null,
    level text not null,
    value bigint not null,
    peak bigint not null,
    since bigint not null,
    seen_at bigint not null,
    told_at bigint,
    acknowledged_at bigint,
    acknowledged_by text not null default '',
    ended_at bigint
);
create unique index alarm_standing on alarm (condition, subject) where ended_at is null;
create index alarm_ended on alarm (ended_at) where ended_at is not null;
