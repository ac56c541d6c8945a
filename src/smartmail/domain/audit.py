"""Audit record: who did what to what. Written in the act's own transaction, chained by a job later.

A record of a login (domain.account.LoginAttempt) is chained like one. Each organisation has a chain; number 0 is the
installation's, for acts that concern no organisation or several.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.account import LoginAttempt
from smartmail.domain.ids import AccountId, OrganizationId

INSTALLATION = OrganizationId(0)

Source = Literal["audit", "login"]
"""Which table a record stands in."""

RecordKind = Literal["login", "access", "user", "admin"]
"""`login`: a knock on a door. `access`: somebody else than the owner read or took a person's mail. `user`: a person's act on
the own account. `admin`: all else, most of all acts of administrators.
"""
KINDS: Final[tuple[RecordKind, ...]] = ("login", "access", "user", "admin")
ACCESS: Final = "access."
"""What actions of access records begin with."""

Trouble = Literal[
    "changed", "removed", "gap", "disordered", "forged", "cut", "elsewhere", "unchained", "backdated", "unproven", "anchor",
]  # fmt: skip
"""`changed`: a record is not what was chained. `removed`: it is gone. `gap`: links are gone. `disordered`: a link does
not follow on the one before. `forged`: the head is not ours. `cut`: the end is gone. `elsewhere`: not the chain that an
anchor was taken from. `unchained`: records stand outside for longer than the job needs. `backdated`: its time is long before that of
records chained earlier. `unproven`: a record that this installation has not written, and that no chain takes; or the mark
from where on records have tags. `anchor`: a signed anchor was changed or is gone.
"""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """`at` in milliseconds; `actor`, `action` and `object` are ids and dotted names, free text is sealed. `door`: through
    which an actor came that is an account.
    """

    at: int
    actor: str
    action: str
    object: str
    address: str = ""
    sealed_detail: bytes | None = None
    door: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A record as it stands in the store. `account_id`: whose data the act was on, if one account's. `tag` shows that we
    have written it; records of before there were tags have none.
    """

    source: Source
    id: int
    account_id: AccountId | None
    record: AuditRecord
    tag: bytes = field(default=b"", compare=False, repr=False)

    @property
    def kind(self) -> RecordKind:
        """Return which kind of record it is."""
        if self.source == "login":
            return "login"
        if self.record.action.startswith(ACCESS):
            return "access"
        return "user" if self.account_id and self.record.actor == f"account:{self.account_id}" else "admin"

    @property
    def door(self) -> str:
        """Return the door that the actor came through, "" where it is not known."""
        if self.source == "login":
            return self.record.object.partition(" ")[0].removeprefix("door:")
        return self.record.door


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What a record is found by. `country`: of its address, as the tables said when it was chained; "" where unknown.
    `account_id` 0: on nobody's data. All empty once policy has let the record go.
    """

    at: int = 0
    kind: str = ""
    actor: str = ""
    account_id: int = 0
    action: str = ""
    door: str = ""
    address: str = ""
    country: str = ""


def login_row(attempt: LoginAttempt) -> AuditRow:
    """Return a login as the record that it is chained as (adapters.sql.audit reads it so)."""
    actor = "" if attempt.account_id is None else f"account:{attempt.account_id}"
    credential = "" if attempt.credential_id is None else f" credential:{attempt.credential_id}"
    record = AuditRecord(
        attempt.at, actor, f"login.{attempt.result}", f"door:{attempt.door}{credential}", attempt.address
    )
    return AuditRow("login", attempt.id, attempt.account_id, record)


NO_FACTS: Final = RecordFacts()


def facts_of(row: AuditRow, country: str) -> RecordFacts:
    """Return what a record is found by."""
    one = row.record
    return RecordFacts(one.at, row.kind, one.actor, row.account_id or 0, one.action, row.door, one.address, country)


@dataclass(frozen=True, slots=True)
class AuditLink:
    """The place of a record in its chain. `digest` goes over the link before it and the record; `seal` shows that this
    installation has made the link for this record in this place. `gone` is the seal of the notice that policy has let the
    record go.
    """

    organization_id: OrganizationId
    seq: int
    source: Source
    record_id: int
    digest: bytes
    seal: bytes
    facts: RecordFacts = NO_FACTS
    gone: bytes | None = None


@dataclass(frozen=True, slots=True)
class UntaggedEnd:
    """Up to which id the records of a source were written before records had tags; sealed once all of them are chained."""

    source: Source
    last: int
    seal: bytes | None


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of a chain: how long it is and its last digest, under a seal."""

    organization_id: OrganizationId
    length: int
    digest: bytes
    seal: bytes


@dataclass(frozen=True, slots=True)
class AuditAnchor:
    """A digest that was told to somebody outside: whoever keeps it can prove what the chain was. `at`: when, 0 where that
    is not known.
    """

    organization_id: OrganizationId
    seq: int
    digest: bytes
    at: int = 0


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
    """Which records to show, newest first. `since` and `until` are times; the second is not among them.

    `action` is one, or with a dot or star at its end whatever begins so ("account."). `result` is that of logins.
    """

    organization_id: OrganizationId | None = None
    account_id: AccountId | None = None
    since: int | None = None
    until: int | None = None
    limit: int = 100
    actor: str = ""
    action: str = ""
    address: str = ""
    country: str = ""
    door: str = ""
    kind: str = ""
    result: str = ""

    @property
    def is_plain(self) -> bool:
        """Say whether it asks for nothing but account and time."""
        return not (
            self.actor or self.action or self.address or self.country or self.door or self.kind or self.result
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that was asked for, with its link; None: not chained yet."""

    row: AuditRow
    link: AuditLink | None
