-- IMAP4rev1's \Recent (RFC 3501 2.3.2): up to which UID a session that may change the mailbox has been told of its messages.
alter table mailbox add column recent_uid bigint not null default 0;

-- What is there already is news to nobody.
update mailbox set recent_uid = uidnext - 1;
