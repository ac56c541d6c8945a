"""`sentBy`: a property of Email of our own, for who names our capability: which person sent a message of an account that
several send for, as they were called then. What is sent on behalf shows it in Sender as well (RFC 5322 §3.6.2).
"""

from collections.abc import Sequence
from typing import Any, Final

from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, show_time
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.service.mailbox.sharing import SentBy

SENT_BY: Final = "sentBy"


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
