-- With whom accounts and organisations write, as keyed hashes of addresses and domains: what tells a first letter from a
-- usual one. An organisation's lines have its negative id as owner.
create table acquaintance (
    owner bigint not null,
    key bytea not null,
    first_at bigint not null,
    last_at bigint not null,
    received bigint not null,
    sent bigint not null,
    -- When its mail was last proved to be its own (DMARC): one that no longer is stands out.
    proved_at bigint not null,
    primary key (owner, key)
) /* clustered */;
