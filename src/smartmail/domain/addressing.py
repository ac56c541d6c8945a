"""Addresses that stand for others, lists, registered relays, approvals: as they are stored and as they are told."""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId

StandInKind = Literal["alias", "list", "forward", "known", "retired"]
"""`alias`: address → addresses ("@domain": whatever else the domain has). `list`: a distribution list. `forward`: what an
administrator does with an account's mail, by its login. `known`: somebody in another system that we pass mail on to.
"""
Posting = Literal["anyone", "inside", "members", "moderators"]
Moderation = Literal["never", "strangers", "all"]
"""Whose mail waits for a moderator: nobody's (who may not post is refused), theirs who may not post, everybody's."""
ReplyTo = Literal["author", "list"]
Rewriting = Literal["never", "dmarc", "always"]
ApprovalKind = Literal["list", "limit", "leak", "label", "misdelivery"]
"""What is asked about: mail to a moderated list, mail beyond a limit, mail that leak prevention holds, a security label, mail of a
mail program whose recipients its own sender shall look at (service.flow.misdelivery).
"""
ApprovalState = Literal["waiting", "held", "approved", "rejected", "expired", "withdrawn", "released"]
"""`held`: nobody was found who may decide. `released`: an administrator let it go. How they follow: domain.approving."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """One address that stands for others. `sealed` holds StandInTargets or ListText."""

    address: str
    organization_id: OrganizationId
    kind: StandInKind
    sealed: bytes = field(repr=False)
    changed_at: int = 0


class Targets(msgspec.Struct, frozen=True, array_like=True):
    """Whom an alias or a forward goes to; `keep`: the account of a forward gets its copy as well."""

    addresses: tuple[str, ...]
    keep: bool = True


class ListText(msgspec.Struct, frozen=True, array_like=True):
    """What a distribution list is like. New fields go to the end, with a default.

    `max_octets` 0: no limit of its own. `prefix` goes before the subject. `unsubscribe`: members outside may take
    themselves off with one click. `notice` (전체메일, 공지메일): nobody's address stands in the mail but the author's, who
    alone gets answers, those to all among them.
    """

    name: str
    owners: tuple[str, ...]
    moderators: tuple[str, ...] = ()
    post: Posting = "inside"
    moderation: Moderation = "never"
    reply_to: ReplyTo = "author"
    prefix: str = ""
    max_octets: int = 0
    attachments: bool = True
    unsubscribe: bool = True
    rewriting: Rewriting = "dmarc"
    notice: bool = False


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One member of a list: an address (a person, another list, somebody outside), or a group or department by its id.

    `below`: with the departments below it. A list whose member is a department is its 부서메일.
    """

    address: str = ""
    group: int = 0
    department: int = 0
    below: bool = False


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the store keeps it."""

    list: str
    key: bytes
    sealed: bytes = field(repr=False)


class RelayText(msgspec.Struct, frozen=True, array_like=True):
    """What people wrote about a registered relay: what it is for, and the addresses that it may show as sender.

    An entry that begins with `@` allows every address of that domain.
    """

    purpose: str
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelayRow:
    """A machine that may send for an account without logging in. Times in milliseconds; `hourly` 0: no limit.

    `cleartext`: it may log in without TLS on port 25, from its networks, until `ends_at`.
    """

    id: int
    organization_id: OrganizationId
    account_id: AccountId
    networks: tuple[str, ...]
    hourly: int
    ends_at: int
    cleartext: bool
    created_at: int
    last_used_at: int | None
    sealed: bytes = field(repr=False)


class Doubt(msgspec.Struct, frozen=True, array_like=True):
    """One reason why a sender shall look at recipients, as policy.misdelivery.Caution has it: `address` "" for the letter as a whole."""

    kind: str
    address: str = ""
    instead: str = ""
    text: str = ""


class ApprovalText(msgspec.Struct, frozen=True, array_like=True):
    """What an approver must see. `findings`: what was found, masked, a line each, as its finder words it. `exit`, `rule`: by
    what way it leaves and the id of the leak rule, for the incident of an objection;
    `lowered`: where a lower security label is asked for, the names of the one it has and of the one it would have, and why;
    `doubts`: what its sender alone is told. New fields go to the end, with a default.
    """

    sender: str
    subject: str
    reason: str
    recipients: int = 0
    size: int = 0
    findings: tuple[str, ...] = ()
    exit: str = ""
    rule: int = 0
    lowered: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    secure: bool = False
    """People outside get it as secure mail."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A queue entry that waits for a decision. `subject` is the list's address, or the sender's.

    `line`: the approval line as it was when it was asked, as JSON; "" where an earlier version asked. `step` counts from 0 and began
    at `step_at`; `expires_at` is when its time is over, `due_at` when the next thing happens by itself (escalation or that).
    `version` rises with each change. `digest`: SHA-256 of the message that is held, which decisions are bound to. Times in
    milliseconds.
    """

    id: int
    organization_id: OrganizationId
    kind: ApprovalKind
    subject: str
    account_id: AccountId | None
    entry_id: QueueEntryId
    state: ApprovalState
    asked_at: int
    expires_at: int
    decided_at: int | None
    decided_by: str
    sealed: bytes = field(repr=False)
    line: str = field(default="", repr=False)
    step: int = 0
    step_at: int = 0
    due_at: int = 0
    escalated: bool = False
    version: int = 0
    digest: bytes = field(default=b"", repr=False)


class System(msgspec.Struct, frozen=True):
    """Another mail system that mail of one of our domains is passed on to.

    `hosts`: (name or address, port, priority), the least priority first. `verify`: how we know who is there.
    `networks`: where it hands mail back to us from, so that nothing goes round. `unknown`: it gets what nobody here has
    (split delivery); `copy`: it gets a copy of everything (dual delivery). Neither for a domain that is only relayed.
    """

    hosts: tuple[tuple[str, int, int], ...]
    verify: Literal["none", "ask", "list"] = "ask"
    networks: tuple[str, ...] = ()
    unknown: bool = True
    copy: bool = False


class Smarthost(msgspec.Struct, frozen=True):
    """A host that all mail of a sender's domain, or to a recipient's domain, goes through.

    `sealed` is the password in hex, under the key of organisation `owner`.
    """

    host: str
    port: int = 587
    username: str = ""
    sealed: str = ""
    owner: int = 0
    verify_tls: bool = True


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """How far a message has come through a list: `approved` by a moderator, `made` into the list's own message, and
    handed to all members up to `after`. `inside`: to members inside only, because of its author;
    `stranger`: its author is outside.
    """

    list: str
    approved: bool = False
    made: bool = False
    after: str = ""
    inside: bool = False
    stranger: bool = False
