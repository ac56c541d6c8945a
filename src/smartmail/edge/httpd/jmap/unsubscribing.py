"""Email/unsubscribe: the address is read from the message here, never taken from who asks."""

from typing import Any

from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import emails, ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of
from smartmail.proto.jmap.emails import EmailGetArguments
from smartmail.proto.jmap.errors import MethodError
from smartmail.proto.jmap.unsubscribing import UnsubscribeAnswer, UnsubscribeArguments
from smartmail.service.flow.unsubscribing import address_of, is_proved

_URLS, _POST = "header:List-Unsubscribe:asURLs", "header:List-Unsubscribe-Post:asText"


async def unsubscribe(call: Call, arguments: UnsubscribeArguments) -> UnsubscribeAnswer:
    """Email/unsubscribe. Raises accountNotFound, notFound."""
    account_id = await own_account_of(call, arguments.account_id)
    wish = EmailGetArguments(account_id=arguments.account_id, ids=[arguments.id], properties=["id", _URLS, _POST])
    found: list[Any] = list((await emails.get(call, wish)).list)
    if not found:
        raise MethodError("notFound")
    number = MessageId(ids.parse(ids.EMAIL, found[0]["id"]) or 0)
    services = call.context.services
    inspection = (await services.findings.of(call.context.actor, account_id, [number])).get(number)
    url = address_of(found[0].get(_URLS), found[0].get(_POST))
    if url is None:
        outcome = "notOffered"
    elif not is_proved(inspection):
        outcome = "notProved"
    else:
        outcome = "done" if await services.unsubscribing.leave(url) else "refused"
    return UnsubscribeAnswer(account_id=arguments.account_id, id=found[0]["id"], outcome=outcome)
