"""Quarantine and sender lists: who may be let through or kept out, for whom, until when; what lies held."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.queue import QueueEntryRow, QueueRecipient

RuleAct = Literal["allow", "block"]
RuleKind = Literal["address", "domain", "network", "country", "url", "file"]
RuleLevel = Literal["system", "organization", "domain", "department", "account"]
RULE_KINDS: tuple[RuleKind, ...] = ("address", "domain", "network", "country", "url", "file")
"""`url`: a link in the text, or the host of links; `file`: the SHA-256 of an attachment. These two only block."""
CONTENT_KINDS: tuple[RuleKind, ...] = ("url", "file")
MAX_RULES = 50_000
MAX_OWN_RULES = 1_000
"""Of a domain, an organisation or the installation; of one person."""

LinkAct = Literal["release", "allow", "delete"]
LINK_ACTS: tuple[LinkAct, ...] = ("release", "allow", "delete")
"""What a link of a digest does: let it through; that and allow its sender; throw it away."""


@dataclass(frozen=True, slots=True)
class RulePlace:
    """For whom a rule holds: the installation, an organisation (its number), a domain, a department with all below it (number
    of the organisation and code, `1:sales`), an account (its number).
    """

    level: RuleLevel
    place: str = ""


@dataclass(frozen=True, slots=True)
class SenderRule:
    """A rule as the store keeps it. `hash`: a keyed hash of kind and subject. Times in milliseconds."""

    id: int
    owner: RulePlace
    act: RuleAct
    kind: RuleKind
    hash: bytes
    sealed: bytes
    author: str
    created_at: int
    expires_at: int | None
    hits: int = 0
    hit_at: int | None = None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One recipient whose mail lies in quarantine; `account_id` is None for an address that stands for others."""

    entry: QueueEntryRow
    recipient: QueueRecipient
    account_id: AccountId | None


@dataclass(frozen=True, slots=True)
class Told:
    """Up to which entry a person was told of their quarantine, and when."""

    entry_id: QueueEntryId = QueueEntryId(0)  # noqa: RUF009 -- a number
    told_at: int = 0
