-- What an account's sending is measured by (docs/adr/0021-defence.md): days with much of the same or many strangers, counted
-- in days since 1970, and on how many days it sent in each hour of UTC.
create table sending_day (
    account_id bigint not null,
    day bigint not null,
    inside bigint not null,
    outside bigint not null,
    strangers bigint not null,
    primary key (account_id, day)
) /* clustered */;
create index sending_day_day on sending_day (day);

create table sending_hour (
    account_id bigint not null,
    hour bigint not null,
    days bigint not null,
    last_day bigint not null,
    primary key (account_id, hour)
) /* clustered */;

-- sending_peak is read here for the last time: an account that has sent much in an hour may have sent as much alike.
insert into sending_day (account_id, day, inside, outside, strangers)
    select account_id, changed_at / 86400000 - 1, hour_count, hour_count, 0 from sending_peak where hour_count >= 10;
