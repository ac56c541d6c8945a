"""`sentBy`: a property of Email of our own, for who names our capability: which person sent a message of an account that
several send for, as they were called then. What is sent on behalf shows it in Sender as well (RFC 5322 §3.6.2).
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.proto.jmap.emails import EmailGetArguments
from smartmail.proto.jmap.session import OWN
from smartmail.service.sharing import SentBy

SENT_BY: Final = "sentBy"
A = TypeVar("A", bound=EmailGetArguments)


def parted(call: Call, arguments: A) -> tuple[A, bool]:
    """Return the arguments without the property, and whether it was asked for."""
    asked = arguments.properties
    if asked is None or SENT_BY not in asked or OWN not in call.using:
        return arguments, False
    return msgspec.structs.replace(arguments, properties=[one for one in asked if one != SENT_BY]), True


async def tell(call: Call, account_id: AccountId, objects: Sequence[dict[str, Any]]) -> None:
    """Put the property into Email objects."""
    numbers = {one["id"]: MessageId(ids.parse(ids.EMAIL, one["id"]) or 0) for one in objects}
    found = await call.context.services.sending.sent_by(call.context.actor, account_id, list(numbers.values()))
    for one in objects:
        row = found.get(numbers[one["id"]])
        one[SENT_BY] = None if row is None else _show(row)


def _show(row: SentBy) -> dict[str, Any]:
    return {
        "principalId": person_id(row.person_id),
        "name": row.name,
        "email": row.login,
        "onBehalf": row.on_behalf,
        "sentAt": show_time(row.at),
    }
