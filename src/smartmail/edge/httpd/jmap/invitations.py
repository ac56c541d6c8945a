"""Email/invitation and its answers: the calendar of a message, and what the organiser is told.

Of an account that is shared, whoever may send for it answers as it; the others are told that they may not (`forbidden`).
"""

from collections.abc import Awaitable
from typing import TypeVar

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, parse_time, show_time
from smartmail.formats.icalendar import Moment, Person
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.invitations import (
    AnswerInvitationArguments,
    EngagementObject,
    InvitationAnswer,
    InvitationArguments,
    InvitationObject,
    MomentObject,
    ParticipantObject,
    ProposeInvitationArguments,
    RefreshInvitationArguments,
)
from smartmail.service.flow.invitations import ShownInvitation
from smartmail.service.mailbox.invitation_notes import Engagement

T = TypeVar("T")


async def show(call: Call, arguments: InvitationArguments) -> InvitationAnswer:
    """Email/invitation. Raises accountNotFound, notFound."""
    account_id = await account_of(call, arguments.account_id)
    service, actor = call.context.services.invitations, call.context.actor
    shown = await _found(service.of(actor, account_id, _number(arguments.id)))
    return InvitationAnswer(account_id=arguments.account_id, id=arguments.id, invitation=_object(shown))


async def answer(call: Call, arguments: AnswerInvitationArguments) -> InvitationAnswer:
    """Email/answerInvitation. Raises accountNotFound, notFound, and what sending raises."""
    account_id = await account_of(call, arguments.account_id)
    service, actor = call.context.services.invitations, call.context.actor
    work = service.answer(actor, account_id, _number(arguments.id), arguments.answer, arguments.note)
    shown = await _found(work)
    return InvitationAnswer(account_id=arguments.account_id, id=arguments.id, invitation=_object(shown))


async def propose(call: Call, arguments: ProposeInvitationArguments) -> InvitationAnswer:
    """Email/proposeInvitation. Raises accountNotFound, notFound, invalidArguments, and what sending raises."""
    account_id = await account_of(call, arguments.account_id)
    start, end = (parse_time(one) // 1000 for one in (arguments.start, arguments.end))
    work = call.context.services.invitations.propose(
        call.context.actor, account_id, _number(arguments.id), start, end, arguments.note
    )
    shown = await _found(work)
    return InvitationAnswer(account_id=arguments.account_id, id=arguments.id, invitation=_object(shown))


async def refresh(call: Call, arguments: RefreshInvitationArguments) -> InvitationAnswer:
    """Email/refreshInvitation. Raises accountNotFound, notFound, and what sending raises."""
    account_id = await account_of(call, arguments.account_id)
    service, actor = call.context.services.invitations, call.context.actor
    work = service.ask_again(actor, account_id, _number(arguments.id), arguments.note)
    shown = await _found(work)
    return InvitationAnswer(account_id=arguments.account_id, id=arguments.id, invitation=_object(shown))


async def _found(work: Awaitable[T]) -> T:
    """Return what a service finds; what it does not is a message, not an account. Raises notFound."""
    try:
        return await work
    except NotFound:
        raise MethodError("notFound") from None


def _number(text: str) -> MessageId:
    number = ids.parse(ids.EMAIL, text)
    if number is None:
        raise MethodError("notFound")
    return MessageId(number)


def _object(shown: ShownInvitation | None) -> InvitationObject | None:
    if shown is None:
        return None
    one, known = shown.invitation, shown.known
    answered = known is not None and known.answer != ""
    return InvitationObject(
        method=one.method, title=one.summary, location=one.location, description=one.description, comment=one.comment,
        start=_moment(one.start), end=_moment(one.end), is_repeating=one.repeats, is_one_of_series=one.recurrence != "",
        is_cancelled=one.cancelled or (known is not None and known.cancelled), is_newest=shown.is_newest,
        is_from_organizer=shown.from_organizer, may_answer=shown.may_answer,
        may_propose=shown.may_propose, may_refresh=shown.may_refresh,
        organizer=None if one.organizer is None else _person(one.organizer),
        participants=[_person(each) for each in one.attendees], me=shown.me.address,
        answer=known.answer if known is not None else "",
        answered_older=known is not None and answered and known.answered < one.sequence,
        answered_at=show_time(known.at) if known is not None and answered else None,
        proposed=show_time(known.proposed) if known is not None and known.proposed else None,
        note=known.note if known is not None else "",
        close=[_engagement(each) for each in shown.close],
    )  # fmt: skip


def _moment(moment: Moment | None) -> MomentObject | None:
    if moment is None:
        return None
    utc = None if moment.at is None else show_time(moment.at * 1000)
    return MomentObject(written=moment.written, zone=moment.zone, utc=utc)


def _engagement(one: Engagement) -> EngagementObject:
    return EngagementObject(title=one.title, start=show_time(one.start), end=show_time(one.end), answer=one.answer)


def _person(person: Person) -> ParticipantObject:
    return ParticipantObject(email=person.address, name=person.name, status=person.status)
