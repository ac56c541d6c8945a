"""SentMail/recipients, recall, listReaders, remind: our own methods for what became of sent mail, for taking it back, and for
those of a list who have not read it.
"""

from smartmail.base.i18n import translate
from smartmail.domain.errors import Forbidden, NotFound, RateLimited
from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, show_time
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.sent_mail import (
    ListReaderObject,
    ListReadingAnswer,
    RecallAnswer,
    RecallObject,
    RecipientObject,
    RemindAnswer,
    SentListArguments,
    SentMailArguments,
    StatesAnswer,
)
from smartmail.service.flow.sent_mail import RecallResult, RecipientState


async def recipients(call: Call, arguments: SentMailArguments) -> StatesAnswer:
    """SentMail/recipients. Raises notFound."""
    account_id = await own_account_of(call, arguments.account_id)
    try:
        found = await call.context.services.sent_mail.states(call.context.actor, account_id, _message(call, arguments))
    except NotFound:
        raise MethodError("notFound") from None
    language = (await call.context.services.directory.account(account_id)).language
    return StatesAnswer(account_id=arguments.account_id, list=[_show(one, language) for one in found])


async def recall(call: Call, arguments: SentMailArguments) -> RecallAnswer:
    """SentMail/recall. Raises notFound, forbidden (policy)."""
    account_id = await own_account_of(call, arguments.account_id)
    try:
        found = await call.context.services.sent_mail.recall(call.context.actor, account_id, _message(call, arguments))
    except NotFound:
        raise MethodError("notFound") from None
    except Forbidden as error:
        raise MethodError("forbidden", error.public) from None
    shown = [
        RecallObject(
            email=one.address, result=one.result, reading=one.reading, counts=_counted(one), rest=one.rest
        ) for one in found.results
    ]  # fmt: skip
    receipt = found.receipt.decode("ascii")
    return RecallAnswer(account_id=arguments.account_id, list=shown, links=found.links, receipt=receipt)


def _counted(one: RecallResult) -> dict[str, int] | None:
    return {str(result): count for result, count in one.counts.items()} or None


async def list_readers(call: Call, arguments: SentListArguments) -> ListReadingAnswer:
    """SentMail/listReaders. Raises notFound."""
    account_id = await own_account_of(call, arguments.account_id)
    service, message_id = call.context.services.sent_mail, _message(call, arguments)
    try:
        told = await service.list_reading(call.context.actor, account_id, message_id, arguments.list)
    except NotFound:
        raise MethodError("notFound") from None
    readers = [
        ListReaderObject(
            email=one.account.login, name=one.account.name, department=one.account.department, state=one.reading,
            read_at=show_time(one.read_at) if one.read_at else None,
        )
        for one in told.readers
    ]  # fmt: skip
    return ListReadingAnswer(
        account_id=arguments.account_id, name=told.name, list=readers, ask=told.ask, is_whole=told.whole,
        reminded_at=show_time(told.reminded_at) if told.reminded_at else None,
    )  # fmt: skip


async def remind(call: Call, arguments: SentListArguments) -> RemindAnswer:
    """SentMail/remind. Raises notFound, forbidden (with whom to ask), rateLimit (once a day)."""
    account_id = await own_account_of(call, arguments.account_id)
    service, message_id = call.context.services.sent_mail, _message(call, arguments)
    try:
        count = await service.remind(call.context.actor, account_id, message_id, arguments.list)
    except NotFound:
        raise MethodError("notFound") from None
    except Forbidden as error:
        raise MethodError("forbidden", error.public) from None
    except RateLimited as error:
        raise MethodError("rateLimit", error.public) from None
    return RemindAnswer(account_id=arguments.account_id, reminded=count)


def _message(call: Call, arguments: SentMailArguments | SentListArguments) -> MessageId:
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(arguments.email_id) or "")
    if number is None:
        raise MethodError("notFound")
    return MessageId(number)


def _show(one: RecipientState, language: str) -> RecipientObject:
    return RecipientObject(
        email=one.address,
        name=one.name,
        state=one.state,
        known=one.known,
        reply=one.reply,
        reason=translate(language, f"reply.{one.cause}") if one.cause else None,
        delivered_at=show_time(one.at) if one.at else None,
        read_at=show_time(one.read_at) if one.read_at else None,
        is_told=one.told,
    )
