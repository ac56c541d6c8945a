-- Companies with their domains, department trees, titles, seats and posts; changes that are planned for a day.
--
-- A department is named by its code in rules and grants. Departments that were only a text get that text as code and
-- name, so that what names them stays true. `account.department` and `account.title` keep the texts that lists show.

alter table organization add column state text not null default 'active';
alter table account add column department_id bigint not null default 0;

-- Raised by every change that the directory shows, so that what is kept in memory is known to be old.
create table directory_epoch (
    organization_id bigint not null primary key,
    epoch bigint not null
) /* clustered */;

create table directory_sight (
    organization_id bigint not null,
    seen_by bigint not null,
    primary key (organization_id, seen_by)
) /* clustered */;
create index directory_sight_seen on directory_sight (seen_by);

create table domain_claim (
    name text not null,
    organization_id bigint not null,
    created_at bigint not null,
    primary key (name, organization_id)
) /* clustered */;

create table department (
    id bigint /* serial */,
    organization_id bigint not null,
    code text not null,
    name text not null,
    parent_id bigint not null,
    position bigint not null
);
create unique index department_code on department (organization_id, code);
create index department_parent on department (parent_id);

create table title (
    id bigint /* serial */,
    organization_id bigint not null,
    kind text not null,
    name text not null,
    position bigint not null
);
create unique index title_name on title (organization_id, kind, name);

create table seat (
    account_id bigint not null,
    department_id bigint not null,
    duty_id bigint not null,
    is_primary smallint not null,
    primary key (account_id, department_id)
) /* clustered */;
create index seat_department on seat (department_id, duty_id, account_id);

create table person (
    account_id bigint not null primary key,
    organization_id bigint not null,
    employee_number text,
    position_id bigint not null,
    grade_id bigint not null,
    honorific_id bigint not null,
    sealed bytea
) /* clustered */;
create unique index person_number on person (organization_id, employee_number) where employee_number is not null;
create index person_organization on person (organization_id);

create table post (
    account_id bigint not null primary key,
    organization_id bigint not null,
    department_id bigint not null,
    duty_id bigint not null
) /* clustered */;
create index post_seat on post (department_id, duty_id);
create index post_organization on post (organization_id);

create table planned_change (
    id bigint /* serial */,
    organization_id bigint not null,
    effective_at bigint not null,
    state text not null,
    created_at bigint not null,
    actor text not null,
    sealed bytea not null,
    applied_at bigint,
    detail text not null
);
create index planned_change_waiting on planned_change (effective_at, id) where state = 'waiting';
create index planned_change_organization on planned_change (organization_id, id);

create table address_end (
    address text not null primary key,
    ends_at bigint not null
) /* clustered */;
create index address_end_time on address_end (ends_at);

insert into department (organization_id, code, name, parent_id, position)
    select distinct organization_id, department, department, 0, 0 from account where department <> '';
update account set department_id = (select d.id from department d
    where d.organization_id = account.organization_id and d.code = account.department) where department <> '';
insert into seat (account_id, department_id, duty_id, is_primary)
    select id, department_id, 0, 1 from account where department_id <> 0;
insert into title (organization_id, kind, name, position)
    select distinct organization_id, 'position', title, 0 from account where title <> '';
insert into person (account_id, organization_id, position_id, grade_id, honorific_id)
    select a.id, a.organization_id, t.id, 0, 0 from account a join title t
    on t.organization_id = a.organization_id and t.kind = 'position' and t.name = a.title where a.title <> '';
