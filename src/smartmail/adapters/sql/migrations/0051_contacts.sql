-- Address books and cards of accounts (docs/adr/0055-contacts.md). What they say is sealed.
alter table account add column address_book_state bigint not null default 0;
alter table account add column contact_state bigint not null default 0;
-- Books and cards share one sequence of numbers.
alter table account add column next_contact bigint not null default 1;

create table address_book (
    account_id bigint not null,
    id bigint not null,
    sealed bytea not null,
    is_default smallint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    primary key (account_id, id)
) /* clustered */;
create index address_book_modseq on address_book (account_id, modseq);

create table contact_card (
    account_id bigint not null,
    id bigint not null,
    uid_hash bytea not null,
    size bigint not null,
    created_modseq bigint not null,
    modseq bigint not null,
    -- Last, for it may be long: whoever counts or lists changes does not read over it.
    sealed bytea not null,
    primary key (account_id, id)
);
create unique index contact_card_uid on contact_card (account_id, uid_hash);
create index contact_card_modseq on contact_card (account_id, modseq);

-- Apart from the cards, so that a search reads no pictures.
create table contact_line (
    account_id bigint not null,
    id bigint not null,
    sealed bytea not null,
    primary key (account_id, id)
) /* clustered */;
