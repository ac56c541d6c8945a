"""What services need from outside, as typing.Protocols. No implementation, no rule.

The store (`store_*.py`, a group each) is everything durable except blobs. Rules that every driver keeps, proved by one
contract suite (tests/contract/test_store_*.py):

- `write(account_id, body)` runs `body(tx)` in one transaction and returns only after it is durable. `body` awaits
  nothing but `tx`, has no side effects and may be run again. A body that raises changes nothing, also when other
  bodies share its commit.
- One modseq per account and transaction: the first change of a body raises the account's counter by one, every row
  touched carries it, every destroyed object leaves a tombstone (AR-5). Counters of mailboxes
  and accounts are kept by the store, in the same transaction.
- UIDs rise and are never used again under one UIDVALIDITY, also after the newest message has gone.
- Every mail row starts with the account id; no method spans two accounts except `deliver_many`, which is one
  commit of independent bodies.
- Reads outside `write` see the last commit. They are short, or paged by the driver.
- The store sees sealed bytes and keyed hashes only; it never opens anything.

A service is typed against the groups that it uses (ADR 85); all of them are one object, composed in the driver
(adapters.sql.store).

Errors: domain.errors (NotFound, AlreadyExists, OverQuota, StateMismatch); Unavailable when the database is away.
"""
