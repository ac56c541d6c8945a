"""Shapes of our own Email/invitation and its answers: an invitation to an event, answered in the mail (RFC 6047)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id, UTCDate


class InvitationArguments(Arguments, frozen=True, kw_only=True):
    """`id`: an Email of one's own account."""

    id: Id


class AnswerInvitationArguments(Arguments, frozen=True, kw_only=True):
    """`note` goes along to the organiser."""

    id: Id
    answer: Literal["accepted", "tentative", "declined"]
    note: Annotated[str, Meta(max_length=1000)] = ""


class ProposeInvitationArguments(Arguments, frozen=True, kw_only=True):
    """Another time for an event; `note` goes along to the organiser."""

    id: Id
    start: UTCDate
    end: UTCDate
    note: Annotated[str, Meta(max_length=1000)] = ""


class RefreshInvitationArguments(Arguments, frozen=True, kw_only=True):
    """Asks the organiser for the event as it is now."""

    id: Id
    note: Annotated[str, Meta(max_length=1000)] = ""


class MomentObject(Struct, frozen=True, rename="camel", kw_only=True):
    """`utc` is null where nobody can tell: a day, or a zone that is not known; then what is `written` counts."""

    written: str
    zone: str
    utc: str | None


class ParticipantObject(Struct, frozen=True, rename="camel", kw_only=True):
    """Who takes part. `status`: accepted, declined, tentative, delegated, needs-action."""

    email: str
    name: str
    status: str


class EngagementObject(Struct, frozen=True, rename="camel", kw_only=True):
    """Another event of about the same day: `answer` is accepted or tentative."""

    title: str
    start: str
    end: str
    answer: str


class InvitationObject(Struct, frozen=True, rename="camel", kw_only=True):
    """`method`: request, cancel, reply, counter, refresh, declinecounter, other. `answer` "" where none was given;
    `answeredOlder`: it was given to a version before this one; `proposed`: the start that was proposed instead;
    `close`: what else the account comes to within a day of it.
    """

    method: str
    title: str
    location: str
    description: str
    comment: str
    start: MomentObject | None
    end: MomentObject | None
    is_repeating: bool
    is_one_of_series: bool
    is_cancelled: bool
    is_newest: bool
    is_from_organizer: bool
    may_answer: bool
    may_propose: bool
    may_refresh: bool
    organizer: ParticipantObject | None
    participants: Sequence[ParticipantObject]
    me: str
    answer: str
    answered_older: bool
    answered_at: str | None
    proposed: str | None
    note: str
    close: Sequence[EngagementObject]


class InvitationAnswer(Answer, frozen=True, kw_only=True):
    """`invitation` is null where the message has none."""

    id: str
    invitation: InvitationObject | None
