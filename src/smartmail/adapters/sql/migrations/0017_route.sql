-- Ways of messages: tables of countries and networks that an administrator brought, and where senders sent from.

-- The newest version of each kind is in force; octets in pieces, in order.
create table geo_table (
    kind text not null,
    version bigint not null,
    piece bigint not null,
    octets bytea not null,
    primary key (kind, version, piece)
) /* clustered */;

-- Countries that a sender's proved mail came from, for each recipient. Who: a keyed hash alone. Months count from year 0.
create table sender_country (
    account_id bigint not null,
    sender_hash bytea not null,
    country text not null,
    first_month bigint not null,
    last_month bigint not null,
    primary key (account_id, sender_hash, country)
) /* clustered */;
