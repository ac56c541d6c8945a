"""Sponsorship/query, takeOver, askExtension: our own methods for whoever answers for temporary accounts (외주·협력사)."""

from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.principals import parse_principal, person_id
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.sponsorships import (
    ExtensionArguments,
    SponsorshipAnswer,
    SponsorshipArguments,
    SponsorshipDone,
    SponsorshipObject,
    TakeOverArguments,
)
from smartmail.service.people.account_life.temporary import Temporary


async def query(call: Call, arguments: SponsorshipArguments) -> SponsorshipAnswer:
    """Sponsorship/query: what the person answers for, and what they must take over."""
    await own_account_of(call, arguments.account_id)
    found = await call.context.services.account_life.temporary.mine(call.context.actor)
    return SponsorshipAnswer(account_id=arguments.account_id, list=[_object(call, one) for one in found])


async def take_over(call: Call, arguments: TakeOverArguments) -> SponsorshipDone:
    """Sponsorship/takeOver. What is not asked of the person is like what is not there: notFound."""
    await own_account_of(call, arguments.account_id)
    number = _account(arguments.id)
    try:
        await call.context.services.account_life.temporary.take_over(call.context.actor, number)
    except MailError as error:
        raise _told(error) from None
    return await _done(call, arguments.account_id, number)


async def ask_extension(call: Call, arguments: ExtensionArguments) -> SponsorshipDone:
    """Sponsorship/askExtension. Raises notFound, invalidArguments (no later end)."""
    await own_account_of(call, arguments.account_id)
    number, temporary = _account(arguments.id), call.context.services.account_life.temporary
    mine = await temporary.mine(call.context.actor)
    if not any(one.account.id == number and one.row.sponsor_id == call.context.actor.account_id for one in mine):
        raise MethodError("notFound")
    try:
        await temporary.ask_extension(call.context.actor, number, parse_time(arguments.until), arguments.reason)
    except MailError as error:
        raise _told(error) from None
    return await _done(call, arguments.account_id, number)


def _account(text: str) -> AccountId:
    grantee = parse_principal(text)
    if grantee is None or grantee.kind != "account":
        raise MethodError("notFound")
    return AccountId(grantee.id)


def _told(error: MailError) -> MethodError:
    if isinstance(error, NotFound):
        return MethodError("notFound")
    if isinstance(error, Invalid):
        return MethodError("invalidArguments", error.public)
    raise error


async def _done(call: Call, account_id: str, number: AccountId) -> SponsorshipDone:
    mine = await call.context.services.account_life.temporary.mine(call.context.actor)
    found = next((one for one in mine if one.account.id == number), None)
    if found is None:
        raise MethodError("notFound")
    return SponsorshipDone(account_id=account_id, sponsorship=_object(call, found))


def _object(call: Call, one: Temporary) -> SponsorshipObject:
    row = one.row
    return SponsorshipObject(
        id=person_id(one.account.id), email=one.account.login, name=one.account.name,
        ends_at=show_time(one.account.ends_at or row.agreed_until), agreed_until=show_time(row.agreed_until),
        asked_until=None if row.asked_until is None else show_time(row.asked_until),
        must_take_over=row.heir_id == call.context.actor.account_id, reason=one.reason,
    )  # fmt: skip
