-- Whether a bulletin stands on the sign-in page of the company too, where everybody who opens it can read it.
alter table bulletin add column at_sign_in bigint not null default 0;
