"""SentMail/recipients, SentMail/recall: our own methods for what became of sent mail, and for taking it back."""

from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.sent_mail import (
    RecallAnswer,
    RecallObject,
    RecipientObject,
    SentMailArguments,
    StatesAnswer,
)
from smartmail.service.sent_mail import RecipientState


async def recipients(call: Call, arguments: SentMailArguments) -> StatesAnswer:
    """SentMail/recipients. Raises notFound."""
    account_id = await own_account_of(call, arguments.account_id)
    try:
        found = await call.context.services.sent_mail.states(call.context.actor, account_id, _message(call, arguments))
    except NotFound:
        raise MethodError("notFound") from None
    return StatesAnswer(account_id=arguments.account_id, list=[_show(one) for one in found])


async def recall(call: Call, arguments: SentMailArguments) -> RecallAnswer:
    """SentMail/recall. Raises notFound, forbidden (policy)."""
    account_id = await own_account_of(call, arguments.account_id)
    try:
        found = await call.context.services.sent_mail.recall(call.context.actor, account_id, _message(call, arguments))
    except NotFound:
        raise MethodError("notFound") from None
    except Forbidden as error:
        raise MethodError("forbidden", error.public) from None
    shown = [RecallObject(email=one.address, result=one.result) for one in found]
    return RecallAnswer(account_id=arguments.account_id, list=shown)


def _message(call: Call, arguments: SentMailArguments) -> MessageId:
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(arguments.email_id) or "")
    if number is None:
        raise MethodError("notFound")
    return MessageId(number)


def _show(one: RecipientState) -> RecipientObject:
    return RecipientObject(
        email=one.address,
        name=one.name,
        state=one.state,
        known=one.known,
        reply=one.reply,
        delivered_at=show_time(one.at) if one.at else None,
        read_at=show_time(one.read_at) if one.read_at else None,
        is_told=one.told,
    )
