"""Audit record: who did what to what. Written in the act's own transaction, chained by a job later.

A record of a login (domain.account.LoginAttempt) is chained like one. Each organisation has a chain; number 0 is the
installation's, for acts that concern no organisation or several.
"""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, OrganizationId

INSTALLATION = OrganizationId(0)

Source = Literal["audit", "login"]
"""Which table a record stands in."""

Trouble = Literal["changed", "removed", "gap", "disordered", "forged", "cut", "elsewhere", "unchained"]
"""`changed`: a record is not what was chained. `removed`: it is gone. `gap`: links are gone. `disordered`: a link does
not follow on the one before. `forged`: the head is not ours. `cut`: the end is gone. `elsewhere`: not the chain that an
anchor was taken from. `unchained`: records stand outside for longer than the job needs.
"""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """`at` in milliseconds; `actor`, `action` and `object` are ids and dotted names, free text is sealed."""

    at: int
    actor: str
    action: str
    object: str
    address: str = ""
    sealed_detail: bytes | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A record as it stands in the store. `account_id`: whose data the act was on, if one account's."""

    source: Source
    id: int
    account_id: AccountId | None
    record: AuditRecord


@dataclass(frozen=True, slots=True)
class AuditLink:
    """The place of a record in its chain. `digest` goes over the link before it and the record; `seal` shows that this
    installation has made the link for this record in this place.
    """

    organization_id: OrganizationId
    seq: int
    source: Source
    record_id: int
    digest: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of a chain: how long it is and its last digest, under a seal."""

    organization_id: OrganizationId
    length: int
    digest: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class AuditAnchor:
    """A digest that was told to somebody outside: whoever keeps it can prove what the chain was."""

    organization_id: OrganizationId
    seq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """What is wrong with a chain from link `seq` to `last`. `about` names the record, or what else it is about."""

    organization_id: OrganizationId
    trouble: Trouble
    seq: int
    last: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which records to show, newest first. `since` and `until` are times; the second is not among them."""

    organization_id: OrganizationId | None = None
    account_id: AccountId | None = None
    since: int | None = None
    until: int | None = None
    limit: int = 100
