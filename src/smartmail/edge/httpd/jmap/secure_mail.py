"""SecureLetter/get, set; SecureTicket/get, set: a person's secure mail (보안메일), who has opened it, and its recall.

A letter is made by a submission (EmailSubmission/set `secure`, a field or a tag of the message); it ends here.
"""

from typing import Any

import msgspec

from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.secure_mail import Recalled
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.object_type import ObjectType, never
from smartmail.edge.httpd.jmap.setting import Refused, converted, refuse, why
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.secure_mail import (
    SecureLetterObject,
    SecureLetterUpdate,
    SecureOptionsObject,
    SecureTicketObject,
    SecureTicketUpdate,
    SecureViewObject,
)
from smartmail.service.mailbox.secure_mail import SecureConsole, SecureOptions, SentLetter, SentTicket


def wish_of(asked: SecureOptionsObject | None) -> SecureOptions | None:
    """Return what a submission asks for."""
    if asked is None:
        return None
    return SecureOptions(
        asked.proof, asked.password, 0 if asked.opens_at is None else parse_time(asked.opens_at),
        None if asked.expires_at is None else parse_time(asked.expires_at), asked.most_views, asked.views_each,
        asked.may_download, asked.may_print, asked.may_reply, asked.is_marked, asked.notify_first_view, asked.countries,
        asked.networks,
    )  # fmt: skip


def _console(call: Call) -> SecureConsole:
    return call.context.services.secure_mail.console


async def _letters(call: Call, _: AccountId) -> dict[str, SecureLetterObject]:
    return {one.letter.row.id.hex(): _letter(call, one) for one in await _console(call).list_all(call.context.actor)}


async def _tickets(call: Call, _: AccountId) -> dict[str, SecureTicketObject]:
    found = await _console(call).list_all(call.context.actor)
    return {ticket.row.id.hex(): _ticket(ticket) for letter in found for ticket in letter.tickets}


async def _change_letter(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> dict[str, Any] | None:
    wish, letter_id = converted(patch, SecureLetterUpdate, "end"), _octets(target)
    if wish.end is not msgspec.UNSET:
        return {"recalled": [_recalled(one) for one in await _console(call).recall(call.context.actor, letter_id)]}
    made = await _console(call).change(
        call.context.actor, letter_id,
        expires_at=None if wish.expires_at is msgspec.UNSET else parse_time(wish.expires_at),
        most=None if wish.most_views is msgspec.UNSET else wish.most_views,
        password=None if wish.password is msgspec.UNSET else wish.password,
    )  # fmt: skip
    return {"password": made} if made else None


async def _change_ticket(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> dict[str, Any] | None:
    wish, ticket_id, actor = converted(patch, SecureTicketUpdate, "end"), _octets(target), call.context.actor
    if wish.end is not msgspec.UNSET:
        return {"recalled": [_recalled(await _console(call).recall_ticket(actor, ticket_id))]}
    if wish.most_views is not msgspec.UNSET:
        await _console(call).change_ticket(actor, ticket_id, wish.most_views)
    if wish.send_again is not msgspec.UNSET:
        await _console(call).send_again(actor, ticket_id)
    return None


def _recalled(one: Recalled) -> dict[str, Any]:
    """Return what a recall came to for one ticket: `viewCount` views had begun before."""
    return {"ticketId": one.ticket_id.hex(), "viewCount": one.views}


def _refusal(error: Refused | MailError) -> SetError:
    if isinstance(error, Invalid):
        return SetError("invalidProperties", error.public)
    return why(error)


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise refuse("id") from None


def _letter(call: Call, one: SentLetter) -> SecureLetterObject:
    row, text = one.letter.row, one.letter.text
    return SecureLetterObject(
        id=row.id.hex(), subject=text.subject, message_id=text.message_id, proof=text.proof,
        created_at=show_time(row.created_at), opens_at=_time(row.opens_at), expires_at=show_time(row.expires_at),
        most_views=row.most, view_count=row.taken, may_download=text.downloads, may_print=text.printing,
        may_reply=text.replies, end=row.end(call.context.services.secure_mail.opening.now()),
        ticket_ids=[ticket.row.id.hex() for ticket in one.tickets],
    )  # fmt: skip


def _ticket(one: SentTicket) -> SecureTicketObject:
    row = one.row
    return SecureTicketObject(
        id=row.id.hex(), letter_id=row.letter_id.hex(), recipient=one.text.recipient, state=one.state, said=one.said,
        most_views=row.most, view_count=row.taken, download_count=one.downloads, first_view_at=_time(row.first_at),
        last_view_at=_time(row.last_at), delivered_at=_time(row.delivered_at),
        views=[
            SecureViewObject(
                at=show_time(view.at), address=who.address, country=who.country, agent=who.agent,
                download_count=view.downloads, reply_count=view.replies,
            )
            for view, who in one.views
        ],
    )  # fmt: skip


def _time(at: int) -> str | None:
    return show_time(at) if at else None


LETTERS = ObjectType(
    shape=SecureLetterObject,
    every=_letters,
    create=never("a secure letter is made by a submission"),
    update=_change_letter,
    destroy=never("a secure letter is recalled; what is told of it is forgotten by itself"),
    told=_refusal,
)
TICKETS = ObjectType(
    shape=SecureTicketObject,
    every=_tickets,
    create=never("a ticket is made with its letter"),
    update=_change_ticket,
    destroy=never("a ticket is recalled"),
    told=_refusal,
)
