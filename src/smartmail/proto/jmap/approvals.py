"""Shapes of our own MailApproval and ApprovalDeputy (AR-8): mail that waits for a decision (승인메일)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from smartmail.proto.jmap.core import Answer, Arguments, Id

_Comment = Annotated[str, Meta(max_length=500)]


class ApprovalAct(Struct, frozen=True, rename="camel", kw_only=True):
    """One line of a history. `inRightOf`: in whose right a deputy decided; `document`: of the system that decided."""

    act: str
    at: str
    step: int
    name: str
    in_right_of: str | None
    comment: str
    system: str
    document: str


class LoweredLabel(Struct, frozen=True, rename="camel", kw_only=True):
    """A security label that the sender wants lower: from which to which, by their names, and why."""

    from_: str = field(name="from")
    to: str
    reason: str


class DoubtObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One reason to look at the recipients again, as EmailSubmission/check words it."""

    kind: str
    email: str | None
    instead: str | None
    text: str


class MailApprovalObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A mail that waits, or waited. `isMine`: the reader sent it; `mayDecide`: it waits for the reader, `inRightOf` others.

    `step` counts from 0 among `steps`; `approvers` are the names of its people. `state` "held": no approver was found.
    `afterwards`: it was sent and is reviewed; `emailId`: the reader's own mail, sent by JMAP, where the review objects. A decision
    names `step` and `digest` as they were read. `heldId`: the held mail's, which links in notices name. `doubts`: why its sender
    shall look at the recipients, for the sender alone; `asksSender`: it waits for that. `isSecure`: people outside get it as secure
    mail (보안메일).
    """

    id: Id
    held_id: Id
    kind: Literal["list", "limit", "leak", "label", "misdelivery"]
    state: Literal["waiting", "held", "approved", "rejected", "expired", "withdrawn", "released"]
    line: str
    step: int
    steps: int
    approvers: list[str]
    sender: str
    subject: str
    reason: str
    recipients: int
    size: int
    findings: list[str]
    lowered: LoweredLabel | None
    doubts: list[DoubtObject]
    asks_sender: bool
    is_secure: bool
    asked_at: str
    expires_at: str
    decided_at: str | None
    afterwards: bool
    email_id: Id | None
    escalated: bool
    is_mine: bool
    may_decide: bool
    in_right_of: list[str]
    digest: str
    history: list[ApprovalAct]


class MailApprovalDecision(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What may be done: `state` "approved" or "rejected" by who decides, "withdrawn" by the sender. `without`: recipients
    whom a sender takes off who was asked to look at them.
    """

    state: Literal["approved", "rejected", "withdrawn"]
    comment: _Comment = ""
    digest: str | None = None
    step: Annotated[int, Meta(ge=0, le=10)] | None = None
    without: Annotated[tuple[Annotated[str, Meta(max_length=320)], ...], Meta(max_length=1_000)] = ()


class ReadArguments(Arguments, frozen=True, kw_only=True):
    """Which held letter is read."""

    id: Id


class HeldFileObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A file of a held letter; it is named, not given."""

    name: str
    type: str
    size: int


class ReadAnswer(Answer, frozen=True, kw_only=True):
    """A held letter as text. `isTruncated`: there is more of it."""

    id: Id
    subject: str
    text: str
    is_truncated: bool
    recipients: list[str]
    files: list[HeldFileObject]


class CountArguments(Arguments, frozen=True, kw_only=True):
    """Nothing but the account."""


class CountAnswer(Answer, frozen=True, kw_only=True):
    """What a badge needs. `toDecide`: how many wait for the reader; `own`: how many of their own mails wait; `concerns`: there is,
    or was, any that they decide or that they sent.
    """

    to_decide: int
    own: int
    concerns: bool


class ApprovalDeputyObject(Struct, frozen=True, rename="camel", kw_only=True):
    """The one who decides in the reader's right (위임); the id is "singleton"."""

    id: Id
    email: str
    name: str
    since: str
    until: str


class ApprovalDeputyCreate(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A deputy by address, from a time to a time."""

    email: Annotated[str, Meta(min_length=3, max_length=320)]
    since: str
    until: str
