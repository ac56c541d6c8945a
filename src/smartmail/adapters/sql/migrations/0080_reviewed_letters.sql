-- 사후승인: what approvers read of a letter that has left, sealed under the organisation's key, until it is decided.
alter table approval add column sealed_letter bytea;
